/** The parts of a report of models: verdicts, tables, pictures, and what was not measured. */
import type { ModelReport, Report } from "../contract/types.ts";
import { buildComparison, buildModelHead, buildSizeTable, listFootnotes } from "./comparison.ts";
import { nameModels } from "./model-names.ts";
import type { UnitSystem } from "./options.ts";
import type { Section } from "./sections.ts";
import { leftColumn, rightColumn, tabulate } from "./table.ts";
import { formatBytes } from "./units.ts";
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
    ...models.flatMap((model, index): Section[] => {
      const name = names[index] ?? model.id;
      const budgets = verdicts.filter(({ reference }) => reference === model.reference);
      return [
        { title: name, picture: { kind: "bars", model, budgets } },
        ...buildAccount(model, name, units),
      ];
    }),
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

/** More files than a reader looks through; the largest are listed. */
const MOST_FILES = 100;

/** Build the table of the files of a repository, and what each is; none where they are not known. */
function buildAccount({ published }: ModelReport, name: string, units: UnitSystem): Section[] {
  const { files = [], otherFiles = [] } = published ?? {};
  const rows = [...files.map((file) => ({ ...file, is: "download" })), ...otherFiles];
  if (rows.length === 0) return [];
  const isLong = rows.length > MOST_FILES;
  const shown = isLong ? rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_FILES) : rows;
  const table = tabulate(shown, [
    leftColumn("file", ({ path }) => path),
    leftColumn("what it is", ({ is }) => is),
    rightColumn("size", ({ bytes }) => formatBytes(bytes, units)),
  ]);
  return [{ title: isLong ? `The ${MOST_FILES} largest files of ${name}` : `Files of ${name}`, table }];
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
