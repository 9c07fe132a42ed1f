/** The quantizations of a model that others have published: a row for each. */
import type { FindReport } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { DocumentFormat, RenderOptions } from "./options.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate } from "./table.ts";
import { formatCount } from "./units.ts";

type Row = FindReport["published"][number];

/** Longer lists are in JSON. */
const MAX_LEFT_OUT = 5;

export async function renderFind(
  report: FindReport,
  format: DocumentFormat,
  options: RenderOptions,
): Promise<string> {
  if (format === "json") return renderJson(report);
  return await renderSections(buildSections(report, { units: options.units, format }), format, options);
}

function buildSections(
  report: FindReport,
  { units, format }: Pick<RenderOptions, "units"> & { readonly format: DocumentFormat },
): Section[] {
  const { model, published, leftOut } = report;
  if (!model || report.failures.length > 0) return [];
  const sizes = scaleColumn("Size", published, {
    value: ({ bytes }: Row) => bytes,
    isApproximate: () => false,
    scale: units,
  });
  const doubtful = published.filter(({ doubt }) => doubt !== null);
  return [
    {
      caption: [formatTally(report)],
      ...(published.length > 0 && {
        table: tabulate(published, [
          leftColumn<Row>(
            "Quantization",
            ({ quantization, doubt }) => `${quantization}${doubt === null ? "" : " ?"}`,
          ),
          sizes,
          rightColumn<Row>("vs ~", ({ difference }) => formatDifference(difference)),
          ...(published.some(({ fit }) => fit !== null)
            ? [leftColumn<Row>("Fits", ({ fit }) => fit ?? "")]
            : []),
          rightColumn<Row>("Downloads", ({ downloads }) => formatCount(downloads)),
          // The names of repositories are too long for a terminal, and are listed below.
          format === "text"
            ? leftColumn<Row>("Publisher", ({ publisher }) => publisher)
            : leftColumn<Row>("Repository", ({ id }) => id),
        ]),
      }),
      ...(published.length === 0 && { lines: ["none"] }),
    },
    {
      title: "Repositories",
      lines: format === "text" ? [...new Set(published.map(({ id }) => id))] : [],
    },
    {
      title: "In doubt (?)",
      lines: doubtful.map(({ quantization, id, doubt }) => `${quantization} of ${id}: ${doubt}`),
    },
    {
      title: "Left out",
      lines: [
        ...leftOut.slice(0, MAX_LEFT_OUT).map(({ id, reason }) => `${id}: ${reason}`),
        ...(leftOut.length > MAX_LEFT_OUT ? [`and ${leftOut.length - MAX_LEFT_OUT} more (--json)`] : []),
      ],
    },
  ].filter(({ lines, ...section }) => !("title" in section) || (lines ?? []).length > 0);
}

/** @example formatTally(report) //=> "google/gemma-2b: 12 quantizations by others, of 100 repositories and more" */
function formatTally({ model, published, listed, isListCut, hidden, unread }: FindReport): string {
  const count = published.length;
  const more = [
    ...(hidden > 0 ? [`${hidden} larger`] : []),
    ...(unread > 0 ? [`${unread} beyond --limit`] : []),
  ];
  const from = `${listed} ${listed === 1 ? "repository" : "repositories"}${isListCut ? " and more" : ""}`;
  return `${model?.id ?? ""}: ${count} ${count === 1 ? "quantization" : "quantizations"} by others, in ${from}${more.length > 0 ? ` (${more.join(", ")} not shown)` : ""}`;
}

/** @example formatDifference(-0.0123) //=> "-1.2 %" */
function formatDifference(difference: number | null): string {
  if (difference === null) return "";
  const percent = (100 * difference).toFixed(1);
  return /^-?0\.0$/.test(percent) ? "0.0 %" : `${difference > 0 ? "+" : ""}${percent} %`;
}
