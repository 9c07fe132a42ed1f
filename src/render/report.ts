/** A report of models: a table of them, or a table of the many sizes of one. */
import type { Failure, ModelReport, Report } from "../contract/types.ts";
import { renderBadge } from "./badge.ts";
import { listQuantizations } from "./comparison.ts";
import { renderJson, renderNdjson } from "./json.ts";
import type { Format, RenderOptions } from "./options.ts";
import { buildReportSections } from "./report-sections.ts";
import { renderSections } from "./sections.ts";
import { leftColumn, renderCsv, tabulate, type Column } from "./table.ts";

/** Render a report without a final line end; empty for a table without rows. */
export async function renderReport(report: Report, format: Format, options: RenderOptions): Promise<string> {
  if (format === "json") return renderJson(report);
  if (format === "badge") return renderBadge(report, options.units);
  if (format === "ndjson") return renderNdjson(report);
  if (format === "csv") return renderReportCsv(report);
  return await renderSections(buildReportSections(report, format, options.units), format, options);
}

/** A row of CSV: a model, or one that could not be measured. */
type CsvRow = Partial<ModelReport> & Partial<Failure> & Pick<Failure, "reference">;

/** Render raw integers, empty where unknown, each size with its basis; a row per model, then per failure. */
function renderReportCsv({ models, failures }: Report): string {
  const columns: Column<CsvRow>[] = [
    leftColumn("reference", ({ reference }) => reference),
    leftColumn("id", ({ id }) => id),
    leftColumn("revision", ({ revision }) => revision),
    leftColumn("source", ({ source }) => source),
    leftColumn("evidence", ({ evidence }) => evidence),
    leftColumn("parameters", ({ parameters }) => parameters?.total),
    leftColumn("active", ({ parameters }) => parameters?.active),
    leftColumn("stored", ({ parameters }) => parameters?.stored),
    leftColumn("class", ({ sizeClass }) => sizeClass?.label),
    leftColumn("classBasis", ({ sizeClass }) => sizeClass?.basis),
    leftColumn("publishedBytes", ({ published }) => published?.bytes),
    leftColumn("publishedBasis", ({ published }) => published?.basis),
    ...listQuantizations(models).flatMap((name, index) => [
      leftColumn<CsvRow>(`${name}Bytes`, ({ sizes }) => sizes?.[index]?.bytes),
      leftColumn<CsvRow>(`${name}Basis`, ({ sizes }) => sizes?.[index]?.basis),
    ]),
    ...(models.some(({ memory }) => memory !== null)
      ? [
          leftColumn<CsvRow>("kvCacheBytes", ({ memory }) => memory?.kvCacheBytes),
          leftColumn<CsvRow>("context", ({ memory }) => memory?.context),
        ]
      : []),
    leftColumn("failure", ({ code }) => code),
    leftColumn("message", ({ message }) => message),
  ];
  return renderCsv(tabulate<CsvRow>([...models, ...failures], columns));
}
