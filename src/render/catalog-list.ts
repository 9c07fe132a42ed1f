import type { Column } from "./comparison.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Format, Look } from "./render.ts";
import { renderTable } from "./table.ts";
import { formatCount } from "./units.ts";

/** What a list of models says of each. */
export interface CatalogLine {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly modelType: string | null;
  readonly parameters: number;
}

const RENDERERS = {
  text: (models, { width, paint }) => renderTable(describeColumns(models), width, paint),
  markdown: (models) => renderMarkdown(describeColumns(models)),
  csv: (models) =>
    ["id,parameters,modelType,aliases", ...models.map((model) => formatLine(model))].join("\n"),
  json: (models) => JSON.stringify({ schemaVersion: 1, models }, null, 2),
} satisfies Partial<Record<Format, (models: readonly CatalogLine[], look: Look) => string>>;

/** The built-in models in any of the formats. */
export function renderCatalog(
  models: readonly CatalogLine[],
  format: keyof typeof RENDERERS,
  look: Look,
): string {
  return RENDERERS[format](models, look);
}

function describeColumns(models: readonly CatalogLine[]): Column[] {
  return [
    column(
      "Model",
      "left",
      models.map(({ id }) => id),
    ),
    column(
      "Params",
      "right",
      models.map(({ parameters }) => formatCount(parameters)),
    ),
    column(
      "Also as",
      "left",
      models.map(({ aliases }) => aliases.toSorted((a, b) => a.length - b.length)[0] ?? ""),
    ),
  ];
}

function column(title: string, align: Column["align"], cells: readonly string[]): Column {
  return { title, unit: "", align, cells };
}

function formatLine({ id, parameters, modelType, aliases }: CatalogLine): string {
  return [id, parameters, modelType ?? "", aliases.join(" ")].join(",");
}
