/** The parts of a report of models: verdicts, tables, pictures, and what was not measured. */
import type { ModelReport, Report } from "../contract/types.ts";
import { buildComparison, buildModelHead, buildSizeTable, listFootnotes } from "./comparison.ts";
import { nameModels } from "./model-names.ts";
import type { UnitSystem } from "./options.ts";
import type { Section } from "./sections.ts";
import { buildVerdictTable, formatTally } from "./verdicts.ts";

/** More sizes than fit in one row. */
const MANY_SIZES = 6;

/** Build the parts of a report; those of HTML have pictures. */
export function buildReportSections(
  report: Report,
  format: "text" | "markdown" | "html",
  units: UnitSystem,
): Section[] {
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
      picture: {
        kind: "bars",
        model,
        budgets: verdicts.filter(({ reference }) => reference === model.reference),
      },
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
