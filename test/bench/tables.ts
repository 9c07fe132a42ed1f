/** The results for people: Markdown, as in the README. */
import type { BrowserSize } from "./browser.ts";
import type { LimitedList } from "./limits.ts";
import type { Cost, Result } from "./run.ts";

export interface Growth extends Cost {
  readonly shards: number;
  readonly tensors: number;
  readonly ms: number;
}

export interface Memory {
  readonly models: number;
  readonly ms: number;
  readonly peakBytes: number;
}

export function renderResults(results: readonly Result[]): string {
  return renderTable(
    ["case", "against", "ratio", "aim", "ms", "requests (Hub + CDN)", "MB"],
    results.map(({ ours, theirs, ...result }) => [
      result.case,
      result.against,
      result.ratio.toFixed(2),
      result.aim.toFixed(2),
      `${result.oursMs} / ${result.theirsMs}`,
      joinBoth(describeRequests(ours), describeRequests(theirs)),
      joinBoth(formatMegabytes(ours.bytes), formatMegabytes(theirs.bytes)),
    ]),
  );
}

export function renderBrowser(sizes: readonly BrowserSize[]): string {
  return renderTable(
    ["in a browser", "kB (gzip)", "limit"],
    sizes.map(({ name, size, sizeLimit }) => [name, (size / 1000).toFixed(1), sizeLimit / 1000]),
  );
}

export function renderGrowth(rows: readonly Growth[]): string {
  return renderTable(
    ["shards", "tensors", "ms", "requests", "MB"],
    rows.map((row) => [
      row.shards,
      row.tensors,
      Math.round(row.ms),
      describeRequests(row),
      formatMegabytes(row.bytes),
    ]),
  );
}

export function renderMemory(rows: readonly Memory[]): string {
  const [first] = rows;
  return renderTable(
    ["models of a list", "s", "memory, MB", "of the first"],
    rows.map(({ models, ms, peakBytes }) => [
      models,
      (ms / 1000).toFixed(1),
      formatMegabytes(peakBytes),
      first ? (peakBytes / first.peakBytes).toFixed(2) : "",
    ]),
  );
}

export function renderLimited({ models, ms, allowedMs, refusals }: LimitedList): string {
  return renderTable(
    ["models within the Hub's limits", "s", "of what the limits allow", "aim", "refused requests"],
    [[models, (ms / 1000).toFixed(1), (ms / allowedMs).toFixed(2), "1.10", refusals]],
  );
}

export function renderScan({ files, ms }: { readonly files: number; readonly ms: number }): string {
  return renderTable(["files of code", "s", "aim"], [[files, (ms / 1000).toFixed(1), "5.0"]]);
}

/** Ours and theirs; nothing where no network is asked. */
function joinBoth(ours: string, theirs: string): string {
  return ours + theirs === "" ? "" : `${ours || 0} / ${theirs || 0}`;
}

/** To the Hub, and to the CDN, which limits nobody. */
function describeRequests({ hubRequests, cdnRequests }: Cost): string {
  return hubRequests + cdnRequests === 0 ? "" : `${hubRequests} + ${cdnRequests}`;
}

function formatMegabytes(bytes: number): string {
  return bytes === 0 ? "" : (bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1);
}

function renderTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join(
    "\n",
  );
}
