/** Will it run, as text: one table a model, a row a quantization, a column a device and a connection. */
import { NO_LIMIT_TOKENS } from "../contract/terms.ts";
import type { Column } from "./comparison.ts";
import { formatDuration, formatSpeed, formatTokens } from "./duration.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import type { MemoryReport, Report, Size } from "../contract/types.ts";
import { makePrintable } from "./printable.ts";
import type { Look } from "./render.ts";
import { shortenNames } from "./size-list.ts";
import { renderTable } from "./table.ts";
import { formatBytes, formatBytesTogether, type Scaled, type UnitSystem } from "./units.ts";

export function renderFit(
  report: Report,
  format: "text" | "markdown" | "json",
  { width, paint, units }: Look,
): string {
  if (format === "json") return renderJson(report);
  return report.models
    .map(({ id, memory, sizes }) => {
      const name = makePrintable(id);
      if (!memory) return name;
      const caption = describeMemory(memory, units);
      const columns = describeColumns(memory, sizes, units);
      const lines = [
        ...memory.largest.map((largest) => describeLargest(largest, memory)),
        ...describeFetch(memory, units),
      ];
      return format === "markdown"
        ? [`### ${name}`, caption, renderMarkdown(columns), lines.map((line) => `- ${line}`).join("\n")]
            .filter(Boolean)
            .join("\n\n")
        : [`${name}\n${caption}`, renderTable(columns, width, paint), lines.join("\n")]
            .filter(Boolean)
            .join("\n\n");
    })
    .join("\n\n");
}

function describeMemory(memory: MemoryReport, units: UnitSystem): string {
  const { context, batch, kvCacheBytes, kvDtype, modelContext, reason } = memory;
  const sequences = batch === 1 ? "" : ` × ${batch}`;
  const beyond = modelContext !== null && modelContext < context ? ` (it was made for ${modelContext})` : "";
  const cache =
    kvCacheBytes === null
      ? `cache not known: ${makePrintable(reason ?? "unknown")}`
      : `${kvCacheBytes === 0 ? "no cache" : `cache ${formatBytes(kvCacheBytes, units)} in ${kvDtype}`}, other ${formatOverhead(memory, units)}`;
  return `${context} tokens${sequences}${beyond}: ${cache}`;
}

/** One estimate for all weights, or the range of a share of each. */
function formatOverhead({ weights, overheadBytes }: MemoryReport, units: UnitSystem): string {
  const least = Math.min(...weights.map((row) => row.overheadBytes ?? overheadBytes));
  const from = least < overheadBytes ? `${formatBytes(least, units)} to ` : "";
  return `~${from}${formatBytes(overheadBytes, units)}`;
}

/** @example describeLargest(largest, memory) //=> "largest on iphone-16: int8, up to 8k tokens (memory of the phone)" */
function describeLargest(
  { device, quantization, outcome, maxContext }: MemoryReport["largest"][number],
  { fits }: MemoryReport,
): string {
  const limit = fits.find((fit) => fit.device === device)?.limitName ?? "";
  const start = `largest on ${makePrintable(device)}: `;
  const end = limit === "" ? "" : ` (${makePrintable(limit)})`;
  if (quantization === null) return `${start}${outcome === "exceeds" ? "none fits" : "not known"}${end}`;
  const tight = outcome === "tight" ? ", tightly" : "";
  const context = maxContext === null ? "" : `, ${describeContext(maxContext)}`;
  return `${start}${quantization}${tight}${context}${end}`;
}

/** The tokenizer and the config, where a listing tells their sizes. */
function describeFetch({ weights, connections }: MemoryReport, units: UnitSystem): string[] {
  const besideBytes = Math.max(
    0,
    ...weights.map(({ bytes, fetchBytes }) =>
      bytes === null || fetchBytes === null ? 0 : fetchBytes - bytes,
    ),
  );
  if (besideBytes === 0) return [];
  const times = connections.map(({ id, bitsPerSecond }) => {
    const seconds = (besideBytes * 8) / bitsPerSecond;
    return `${formatDuration(seconds)} at ${makePrintable(id)}`;
  });
  return [`fetched beside the weights: ${[formatBytes(besideBytes, units), ...times].join(", ")}`];
}

function describeContext(tokens: number): string {
  return tokens >= NO_LIMIT_TOKENS ? "any number of tokens" : `up to ${formatTokens(tokens)} tokens`;
}

function describeColumns(memory: MemoryReport, sizes: readonly Size[], units: UnitSystem): Column[] {
  const { weights: rows, devices, connections, fits, downloads } = memory;
  const weights = rows.map(({ bytes }) => bytes);
  const totals = rows.map(({ totalBytes }) => totalBytes);
  const quantizations = rows.map(({ quantization }) => quantization);
  return [
    { ...column("", shortenNames(quantizations)), align: "left" },
    bytesColumn(
      "weights",
      formatBytesTogether(weights, units),
      sizes.map(({ basis }) => basis === "predicted"),
    ),
    bytesColumn(
      "memory",
      formatBytesTogether(totals, units),
      sizes.map(() => true),
    ),
    ...devices.map(({ id, limitBytes }) => {
      const cells = quantizations.map(
        (quantization) =>
          fits.find((fit) => fit.quantization === quantization && fit.device === id)?.outcome ?? "?",
      );
      // A bare memory says its size itself: 8GB.
      return column(makePrintable(id), cells, /^\d/.test(id) ? "" : formatBytes(limitBytes, units));
    }),
    ...(devices.length === 1 && rows.some(({ maxContext }) => maxContext !== null)
      ? [
          column(
            "longest",
            rows.map(({ maxContext }) => formatLongest(maxContext)),
            "tokens",
          ),
        ]
      : []),
    ...connections.map(({ id, bitsPerSecond, source }) => {
      const own = downloads.filter(({ connection }) => connection === id);
      const cells = own.map(({ weightsSeconds }) =>
        weightsSeconds === null ? "?" : formatDuration(weightsSeconds),
      );
      return column(source === null ? "download" : id, cells, `at ${formatSpeed(bitsPerSecond)}`);
    }),
  ];
}

function formatLongest(tokens: number | null): string {
  if (tokens === null) return "?";
  return tokens >= NO_LIMIT_TOKENS ? "any" : formatTokens(tokens);
}

function bytesColumn(title: string, { texts, unit }: Scaled, rough: readonly boolean[]): Column {
  return column(
    title,
    texts.map((text, row) => (text === null ? "?" : `${rough[row] ? "~" : ""}${text}`)),
    unit,
  );
}

function column(title: string, cells: readonly string[], unit = ""): Column {
  return { title, unit, align: "right", cells };
}
