import { scaleLinear } from "d3-scale";
import type { VNode } from "preact";
import type { MemoryReport, ModelReport } from "../../contract/types.ts";
import type { UnitSystem } from "../options.ts";
import { makePrintable } from "../text.ts";
import { formatBytes } from "../units.ts";

interface Bar {
  readonly label: string;
  readonly basis: "published" | "computed" | "predicted";
  readonly bytes: number;
  /** The largest variant, as the table has it. */
  readonly mostBytes: number;
}

const WIDTH = 720;
const LABELS = 170;
const FIGURES = 90;
const ROW = 24;
const AXIS = 22;
const LIMIT_LABEL = 16;

/** Draw the sizes of one model as bars: files that exist, then what each quantization would take. */
export function Bars({ model, units }: { model: ModelReport; units: UnitSystem }): VNode | null {
  const bars = listBars(model);
  if (bars.length === 0) return null;
  const longest = Math.max(...bars.map(({ mostBytes }) => mostBytes));
  const limits = listLimits(model.memory, longest);
  const x = scaleLinear(
    [0, Math.max(longest, ...limits.map(({ bytes }) => bytes))],
    [0, WIDTH - LABELS - FIGURES],
  );
  const top = limits.length * LIMIT_LABEL;
  const bottom = top + bars.length * ROW;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${bottom + AXIS}`}
        role="img"
        aria-label={`Sizes of ${makePrintable(model.id)}; the table has the same figures`}
      >
        {x.ticks(5).map((bytes) => (
          <g class="axis" transform={`translate(${LABELS + x(bytes)} 0)`}>
            <line y1={top} y2={bottom} />
            <text y={bottom + 15}>{formatBytes(bytes, units)}</text>
          </g>
        ))}
        {bars.map(({ label, basis, bytes, mostBytes }, index) => (
          <g transform={`translate(${LABELS} ${top + index * ROW})`}>
            <title>{`${makePrintable(label)}: ${formatBytes(bytes, units)}, ${basis}`}</title>
            <text class="label" x="-8" y="16">
              {makePrintable(label)}
            </text>
            {mostBytes > bytes ? <rect class="range" y="9" height="6" width={x(mostBytes)} /> : null}
            <rect class={basis} y="4" height="16" width={Math.max(x(bytes), 1)} />
            <text class="figure" x={x(mostBytes) + 6} y="16">
              {basis === "predicted" ? "~" : ""}
              {formatBytes(bytes, units)}
            </text>
          </g>
        ))}
        {limits.map(({ label, bytes }, index) => (
          <g class="limit" transform={`translate(${LABELS + x(bytes)} 0)`}>
            <line y1={(index + 1) * LIMIT_LABEL - 4} y2={bottom} />
            <text y={index * LIMIT_LABEL + 11}>
              {makePrintable(label)} {formatBytes(bytes, units)}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>
        <span class="key published" /> published <span class="key computed" /> computed{" "}
        <span class="key predicted" /> predicted
        {limits.length > 0 ? " · the lines are limits of devices" : ""}
      </figcaption>
    </figure>
  );
}

function listBars({ published, sizes, memory }: ModelReport): Bar[] {
  if (memory && memory.devices.length > 0)
    return memory.weights.flatMap(({ quantization, totalBytes }): Bar[] =>
      totalBytes === null
        ? []
        : [{ label: quantization, basis: "predicted", bytes: totalBytes, mostBytes: totalBytes }],
    );
  const files = published
    ? [
        { label: published.format, ...published },
        ...published.alternatives.map((one) => ({ ...one, basis: "published" as const })),
      ]
    : [];
  return [
    ...files.map(({ label, bytes, basis }) => ({ label, bytes, basis, mostBytes: bytes })),
    ...sizes.flatMap(({ quantization, bytes, basis, variants }): Bar[] =>
      bytes === null || basis === null
        ? []
        : [
            {
              label: quantization,
              basis,
              bytes,
              mostBytes: Math.max(bytes, ...variants.map((one) => one.bytes)),
            },
          ],
    ),
  ];
}

/** Limits far beyond the longest bar would squeeze all bars; the table has them. */
const FAR = 3;

function listLimits(memory: MemoryReport | null, longest: number): { label: string; bytes: number }[] {
  const limits = memory?.devices.map(({ label, limitBytes }) => ({ label, bytes: limitBytes })) ?? [];
  return limits.filter(({ bytes }) => bytes <= FAR * longest).toSorted((a, b) => b.bytes - a.bytes);
}
