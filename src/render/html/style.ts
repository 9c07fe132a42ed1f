/** Dark and light by the reader's own setting; paper is light. Colors of roles differ in lightness too. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fff; --faint: #667080; --line: #d5dae1; --main: #1f6feb; --link: #0b57d0;
  --second: #54a0f0; --third: #a9cdf7; --limit: #b42318; --pass: #176f2c; --doubt: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171c; --faint: #9aa4b2; --line: #333a44;
  --main: #4c94ff; --link: #8ab4ff; --second: #2f6fc4; --third: #1f4a80; --limit: #ff8f82; --pass: #63d17d; --doubt: #e3b341; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main, footer { max-width: 60rem; margin: 0 auto; padding: 1rem; }
footer { color: var(--faint); font-size: .875rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
section { margin: 1.5rem 0; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; } th span { color: var(--faint); font-weight: 400; } .right { text-align: right; } td.right, th span { white-space: nowrap; }
td.exceeded, td.exceeds { color: var(--limit); font-weight: 600; } td.passed, td.fits { color: var(--pass); }
td.unknown, td.tight { color: var(--doubt); }
figure { margin: .75rem 0; } figcaption { color: var(--faint); font-size: .875rem; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: var(--ink); } svg.chart { max-width: 48rem; }
@media (max-width: 40rem) { svg.chart { font-size: 22px; } }
svg text.inside { text-anchor: middle; fill: #fff; color: #fff; pointer-events: none; } svg .label { text-anchor: end; }
svg .figure, text.limit { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; } circle.model { fill: var(--main); }
@media (prefers-color-scheme: dark) { circle.model { fill: #1f5fbf; } }
.axis line { stroke: var(--line); } .axis text { text-anchor: middle; fill: var(--faint); font-size: .85em; }
.limit line { stroke: var(--limit); stroke-dasharray: 4 3; } text.limit { fill: var(--limit); font-size: .85em; }
text.limit.left { text-anchor: end; } .key.line { height: 0; border: 0; border-top: 2px dashed var(--limit); vertical-align: middle; }
.published { fill: var(--main); background: var(--main); } .computed { fill: var(--second); background: var(--second); }
.predicted { fill: var(--third); background: var(--third); } .range { fill: var(--ink); background: var(--ink); }
.entry { white-space: nowrap; margin-right: .75em; } .key { display: inline-block; width: .8em; height: .8em; border: 1px solid var(--line); }
[data-zoom] { cursor: zoom-in; } g[data-zoom]:focus { outline: 3px solid var(--limit); outline-offset: -2px; }
.treemap .small { opacity: 0; } .treemap.zoomed .small { opacity: 1; } output { font-size: .875rem; }
.treemap .name { opacity: 0; font-size: 1px; pointer-events: none; }
.treemap rect { stroke: var(--paper); stroke-width: .5; vector-effect: non-scaling-stroke; }
.role-embedding { fill: #7a4a00; background: #7a4a00; } .role-attention { fill: #0b5cad; background: #0b5cad; }
.role-mlp { fill: #1c6b3c; background: #1c6b3c; } .role-experts { fill: #3f6212; background: #3f6212; }
.role-router { fill: #6b21a8; background: #6b21a8; } .role-norm { fill: #475569; background: #475569; }
.role-head { fill: #9a3412; background: #9a3412; } .role-vision { fill: #9d174d; background: #9d174d; }
.role-audio { fill: #0f6a6a; background: #0f6a6a; } .role-adapter { fill: #4338ca; background: #4338ca; }
.role-mtp { fill: #86198f; background: #86198f; } .role-other { fill: #57534e; background: #57534e; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; }
  html { font-size: 11px; } body { font-size: 1rem; } section, figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  button { display: none; } * { print-color-adjust: exact; } }
`;
