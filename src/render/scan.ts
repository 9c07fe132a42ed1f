/** The models that code names: what it downloads, and where each is named. */
import type { CodeDownload, CodeFind, Report, ScanReport } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { DocumentFormat, RenderOptions, UnitSystem } from "./options.ts";
import { formatPlace } from "./places.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, scaleColumn, tabulate, type Table } from "./table.ts";
import { makePrintable } from "./text.ts";

export async function renderScan(
  report: ScanReport,
  format: DocumentFormat,
  options: RenderOptions,
): Promise<string> {
  if (format === "json") return renderJson(report);
  return await renderSections(buildSections(report, options.units), format, options);
}

function buildSections({ files, skipped, finds, downloads }: ScanReport, units: UnitSystem): Section[] {
  const shown = new Set(downloads.flatMap(({ places }) => places.map(formatPlace)));
  const left = finds.filter((find) => !shown.has(formatPlace(find)));
  const ignored = left.filter((find) => find.ignored !== null);
  const doubtful = left.filter((find) => find.ignored === null && find.confidence === "doubtful");
  return [
    {
      caption: [formatTally(downloads, files)],
      lines: [],
      ...(downloads.length > 0 && { table: buildTable(downloads, units) }),
    },
    {
      title: "Doubtful, not measured (--all measures them)",
      lines: doubtful.map((find) => formatFind(find, find.doubt)),
    },
    { title: "Ignored", lines: ignored.map((find) => formatFind(find, find.ignored)) },
    { title: "Not read", lines: skipped.map(({ path, reason }) => `${path}: ${reason}`) },
  ].filter(({ lines, ...section }) => "table" in section || "caption" in section || lines.length > 0);
}

/** @example formatTally(downloads, 340) //=> "3 models named in 340 files" */
function formatTally(downloads: readonly CodeDownload[], files: number): string {
  const count = new Set(downloads.map(({ reference }) => reference)).size;
  return `${count} ${count === 1 ? "model" : "models"} named in ${files} ${files === 1 ? "file" : "files"}`;
}

/** A row per place; the first one of a download has its figures. */
function buildTable(downloads: readonly CodeDownload[], units: UnitSystem): Table {
  const rows = downloads.flatMap((download) =>
    download.places.map((place, index) => ({ download, place, isFirst: index === 0 })),
  );
  type Row = (typeof rows)[number];
  const { title, unit, align, cell } = scaleColumn("Download", downloads, {
    value: ({ bytes }) => bytes,
    isApproximate: ({ basis }) => basis === "predicted",
    scale: units,
  });
  return tabulate(rows, [
    leftColumn<Row>("Model", ({ download, isFirst }) => (isFirst ? formatName(download) : "")),
    leftColumn<Row>("Loads", ({ download, isFirst }) => (isFirst ? formatLoads(download) : "")),
    {
      title,
      unit: unit ?? "",
      align,
      cell: ({ download, isFirst }: Row, index) => (isFirst ? cell(download, index) : ""),
    },
    leftColumn<Row>("Named in", ({ place }) => formatPlace(place)),
  ]);
}

/** @example formatName(download) //=> "ollama:llama3.2:1b" */
function formatName({ registry, id }: CodeDownload): string {
  return registry === "hub" || registry === "web" ? id : `${registry}:${id}`;
}

/** @example formatLoads(download) //=> "Q4_K_M at 3f7a8da" */
function formatLoads({ quantization, file, label, revision, loads }: CodeDownload): string {
  const form = file ?? label ?? quantization ?? "as published";
  const at =
    revision === null ? "" : ` at ${/^[\da-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision}`;
  return `${loads === "tokenizer" ? "tokenizer" : form}${at}`;
}

function formatFind(find: CodeFind, why: string | null): string {
  return `${find.reference} in ${formatPlace(find)}${why === null ? "" : `: ${why}`}`;
}

/** Render a line per name in code that was not checked, and per file that was not read; empty without any. */
export function renderLeftOut(code: Report["code"]): string {
  return listLeftOut(code).map(makePrintable).join("\n");
}

export function renderLeftOutMarkdown(code: Report["code"]): string {
  return listLeftOut(code)
    .map((line) => `- ${makePrintable(line)}`)
    .join("\n");
}

function listLeftOut(code: Report["code"]): string[] {
  if (!code) return [];
  return [
    ...code.ignored.map((find) => `ignored: ${formatFind(find, find.ignored)}`),
    ...code.doubtful.map((find) => `doubtful, not checked: ${formatFind(find, find.doubt)}`),
    ...code.skipped.map(({ path, reason }) => `not read: ${path}: ${reason}`),
  ];
}
