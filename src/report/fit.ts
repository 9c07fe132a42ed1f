import type { Device } from "../fit/devices.ts";
import type { Column } from "./comparison.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import type { Look } from "./render.ts";
import type { ModelReport, Report } from "./schema.ts";
import { shortenNames } from "./size-list.ts";
import { renderTable } from "./table.ts";
import { formatBytes, formatBytesTogether, type UnitSystem } from "./units.ts";

/** Whether models run, one table a model: a row a quantization, a column a device. */
export function renderFit(
  report: Report,
  devices: readonly Device[],
  format: "text" | "markdown" | "json",
  { width, paint, units }: Look,
): string {
  if (format === "json") return renderJson(report);
  return report.models
    .map((model) => {
      const columns = describeColumns(model, devices, units);
      const caption = describeModel(model, units);
      return format === "markdown"
        ? `### ${caption.replace("\n", "\n\n")}\n\n${renderMarkdown(columns)}`
        : `${caption}\n\n${renderTable(columns, width, paint)}`;
    })
    .join("\n\n");
}

function describeModel({ id, memory }: ModelReport, units: UnitSystem): string {
  if (!memory) return makePrintable(id);
  const { context, batch, cacheBytes, cacheDtype, overheadBytes, reason } = memory;
  const cache =
    cacheBytes === null
      ? `cache not known: ${reason ?? "unknown"}`
      : `cache ${formatBytes(cacheBytes, units)} in ${cacheDtype}, other ~${formatBytes(overheadBytes, units)}`;
  const sequences = batch === 1 ? "" : ` × ${batch}`;
  return makePrintable(id) + `\n${context} tokens${sequences}: ${makePrintable(cache)}`;
}

function describeColumns({ memory }: ModelReport, devices: readonly Device[], units: UnitSystem): Column[] {
  const rows = memory?.weights ?? [];
  const weights = formatBytesTogether(
    rows.map(({ bytes }) => bytes),
    units,
  );
  const totals = formatBytesTogether(
    rows.map(({ totalBytes }) => totalBytes),
    units,
  );
  return [
    { ...column("", shortenNames(rows.map(({ quantization }) => quantization))), align: "left" },
    column(
      "weights",
      weights.texts.map((text) => text ?? "?"),
      weights.unit,
    ),
    column(
      "memory",
      totals.texts.map((text) => (text === null ? "?" : `~${text}`)),
      totals.unit,
    ),
    ...devices.map((device) =>
      column(
        makePrintable(device.id),
        rows.map(
          ({ quantization }) =>
            memory?.fits.find((fit) => fit.quantization === quantization && fit.device === device.id)
              ?.outcome ?? "?",
        ),
      ),
    ),
    ...(rows.some(({ maxContext }) => maxContext !== null)
      ? [
          column(
            "longest",
            rows.map(({ maxContext }) => (maxContext === null ? "?" : formatTokens(maxContext))),
            "tokens",
          ),
        ]
      : []),
    ...(rows.some(({ downloadSeconds }) => downloadSeconds !== null)
      ? [
          column(
            "download",
            rows.map(({ downloadSeconds }) => formatDuration(downloadSeconds)),
          ),
        ]
      : []),
  ];
}

function column(title: string, cells: readonly string[], unit = ""): Column {
  return { title, unit, align: "right", cells };
}

function formatTokens(tokens: number): string {
  if (tokens >= 2 ** 30) return "any";
  return tokens >= 1024 ? `${Math.floor(tokens / 1024)}k` : String(tokens);
}

/** @example formatDuration(95) //=> "1 min 35 s" */
function formatDuration(seconds: number | null): string {
  if (seconds === null) return "?";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}
