/** A report of models: a table of them, or a table of the many sizes of one. */
import type { Failure, ModelReport, Report } from "../contract/types.ts";
import { renderBadge } from "./badge.ts";
import {
  buildComparison,
  buildModelHead,
  buildSizeTable,
  listFootnotes,
  listQuantizations,
} from "./comparison.ts";
import { renderJson, renderNdjson } from "./json.ts";
import { nameModels } from "./model-names.ts";
import type { Format, RenderOptions, UnitSystem } from "./options.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, renderCsv, tabulate, type Column } from "./table.ts";
import { buildVerdictTable, formatTally } from "./verdicts.ts";

/** Render a report without a final line end; empty for a table without rows. */
export async function renderReport(report: Report, format: Format, options: RenderOptions): Promise<string> {
  if (format === "json") return renderJson(report);
  if (format === "badge") return renderBadge(report, options.units);
  if (format === "ndjson") return renderNdjson(report);
  if (format === "csv") return renderReportCsv(report);
  return await renderSections(buildSections(report, format, options.units), format, options);
}

/** More sizes than fit in one row. */
const MANY_SIZES = 6;

function buildSections(report: Report, format: "text" | "markdown" | "html", units: UnitSystem): Section[] {
  const tables = buildTables(report.models, units);
  if (format !== "html") return tables;
  const { models, verdicts, failures } = report;
  const names = nameModels(models);
  return [
    ...(verdicts.length > 0
      ? [{ title: "Budgets", caption: [formatTally(verdicts)], table: buildVerdictTable(verdicts, units) }]
      : []),
    ...tables,
    ...(models.length > 1 ? [{ picture: { kind: "circles", models } as const }] : []),
    ...models.map((model, index): Section => ({
      title: names[index] ?? model.id,
      picture: { kind: "bars", model },
    })),
    ...(failures.length > 0
      ? [
          {
            title: "Not measured",
            lines: failures.map(({ reference, message }) => `${reference}: ${message}`),
          },
        ]
      : []),
  ];
}

function buildTables(models: readonly ModelReport[], units: UnitSystem): Section[] {
  const [model] = models;
  if (!model) return [];
  if (models.length === 1 && model.sizes.length >= MANY_SIZES)
    return [buildModelHead(model, units), { table: buildSizeTable(model, units) }];
  const footnotes = listFootnotes(models);
  return [
    { table: buildComparison(models, units), narrow: buildComparison(models, units, true) },
    ...(footnotes.length > 0 ? [{ lines: footnotes }] : []),
  ];
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
