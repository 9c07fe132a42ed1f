/** Whether models run: per model a row per quantization, with a column per device and connection. */
import { NO_LIMIT_TOKENS } from "../contract/terms.ts";
import type { MemoryReport, ModelReport, Report } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { DocumentFormat, RenderOptions, UnitSystem } from "./options.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate, UNKNOWN, type Column, type Table } from "./table.ts";
import { shortenNames } from "./text.ts";
import { formatBytes, formatDuration, formatSpeed, formatTokens } from "./units.ts";

export async function renderFit(
  report: Report,
  format: DocumentFormat,
  options: RenderOptions,
): Promise<string> {
  if (format === "json") return renderJson(report);
  const sections = report.models.flatMap((model): Section[] => [
    ...buildSections(model, options.units),
    ...(format === "html" ? [{ picture: { kind: "bars", model } as const }] : []),
  ]);
  return await renderSections(sections, format, options);
}

function buildSections({ id, memory, sizes }: ModelReport, units: UnitSystem): Section[] {
  if (!memory) return [{ title: id }];
  const lines = [
    ...memory.largest.map((largest) => formatLargest(largest, memory)),
    ...formatSupportFiles(memory, units),
  ];
  return [
    { title: id, caption: [formatMemory(memory, units)] },
    { table: buildTable(memory, sizes, units) },
    { lines },
  ];
}

/** @example formatMemory(memory, "si") //=> "4096 tokens: KV cache 75.5 MB (bf16), overhead ~528 MB" */
function formatMemory(memory: MemoryReport, units: UnitSystem): string {
  const { context, batch, kvCacheBytes, kvDtype, modelContext, reason } = memory;
  const sequences = batch === 1 ? "" : ` × ${batch}`;
  const beyond =
    modelContext !== null && modelContext < context ? ` (the model supports ${modelContext})` : "";
  const start = `${context} tokens${sequences}${beyond}`;
  if (kvCacheBytes === null) return `${start}: KV cache unknown: ${reason ?? "no reason given"}`;
  const cache =
    kvCacheBytes === 0 ? "no KV cache" : `KV cache ${formatBytes(kvCacheBytes, units)} (${kvDtype})`;
  return `${start}: ${cache}, overhead ${formatOverhead(memory, units)}`;
}

/** Format one estimate, or the range where it depends on the weights. */
function formatOverhead({ weights, overheadBytes }: MemoryReport, units: UnitSystem): string {
  const least = Math.min(...weights.map((row) => row.overheadBytes ?? overheadBytes));
  const from = least < overheadBytes ? `${formatBytes(least, units)} to ` : "";
  return `~${from}${formatBytes(overheadBytes, units)}`;
}

/** @example formatLargest(largest, memory) //=> "largest on iphone-16: int8 (tight), up to 8k tokens; limit: memory" */
function formatLargest(
  { device, quantization, outcome, maxContext }: MemoryReport["largest"][number],
  { fits }: MemoryReport,
): string {
  const limitName = fits.find((fit) => fit.device === device)?.limitName ?? "";
  const limit = limitName === "" ? "" : `; limit: ${limitName}`;
  if (quantization === null)
    return `largest on ${device}: ${outcome === "exceeds" ? "none fits" : "unknown"}${limit}`;
  const tight = outcome === "tight" ? " (tight)" : "";
  const context = maxContext === null ? "" : `, ${formatMaxContext(maxContext)}`;
  return `largest on ${device}: ${quantization}${tight}${context}${limit}`;
}

function formatMaxContext(tokens: number): string {
  return tokens >= NO_LIMIT_TOKENS ? "any number of tokens" : `up to ${formatTokens(tokens)} tokens`;
}

/** Format what is downloaded with the weights, where its size is known. */
function formatSupportFiles({ weights, connections }: MemoryReport, units: UnitSystem): string[] {
  const supportBytes = Math.max(
    0,
    ...weights.map(({ bytes, fetchBytes }) =>
      bytes === null || fetchBytes === null ? 0 : fetchBytes - bytes,
    ),
  );
  if (supportBytes === 0) return [];
  const times = connections.map(
    ({ id, bitsPerSecond }) => `${formatDuration((supportBytes * 8) / bitsPerSecond)} at ${id}`,
  );
  return [`plus tokenizer and config: ${[formatBytes(supportBytes, units), ...times].join(", ")}`];
}

type Row = MemoryReport["weights"][number];

function buildTable(memory: MemoryReport, sizes: ModelReport["sizes"], units: UnitSystem): Table {
  const { weights: rows, devices, connections, fits, downloads } = memory;
  const names = shortenNames(rows.map(({ quantization }) => quantization));
  const predicted = new Set(
    sizes.filter(({ basis }) => basis === "predicted").map(({ quantization }) => quantization),
  );
  const columns: Column<Row>[] = [
    leftColumn("", (_, index) => names[index]),
    scaleColumn("weights", rows, {
      value: ({ bytes }) => bytes,
      isApproximate: ({ quantization }) => predicted.has(quantization),
      scale: units,
    }),
    scaleColumn("memory", rows, {
      value: ({ totalBytes }) => totalBytes,
      isApproximate: () => true,
      scale: units,
    }),
    ...devices.map(({ id, limitBytes }) =>
      rightColumn<Row>(
        id,
        ({ quantization }) =>
          fits.find((fit) => fit.quantization === quantization && fit.device === id)?.outcome ?? UNKNOWN,
        // The size is the name of a device given by --memory: 8GB.
        /^\d/.test(id) ? "" : formatBytes(limitBytes, units),
      ),
    ),
  ];
  if (devices.length === 1 && rows.some(({ maxContext }) => maxContext !== null))
    columns.push(rightColumn("longest", formatLongest, "tokens"));
  for (const { id, bitsPerSecond, source } of connections) {
    const formatTime = ({ quantization }: Row) => {
      const own = downloads.find((one) => one.connection === id && one.quantization === quantization);
      const seconds = own?.weightsSeconds ?? null;
      return seconds === null ? UNKNOWN : formatDuration(seconds);
    };
    const title = source === null ? "download" : id;
    columns.push(rightColumn(title, formatTime, `at ${formatSpeed(bitsPerSecond)}`));
  }
  return tabulate(rows, columns);
}

function formatLongest({ maxContext }: Row): string {
  if (maxContext === null) return UNKNOWN;
  return maxContext >= NO_LIMIT_TOKENS ? "any" : formatTokens(maxContext);
}
