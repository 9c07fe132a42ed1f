import type { Column } from "./comparison.ts";
import type { CatalogList } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Format, Look } from "./render.ts";
import { renderTable } from "./table.ts";
import { formatCount } from "./units.ts";

const RENDERERS = {
  text: ({ models }, { width, paint }) => renderTable(describeColumns(models), width, paint),
  markdown: ({ models }) => renderMarkdown(describeColumns(models)),
  csv: ({ models }) =>
    ["id,parameters,modelType,aliases", ...models.map((model) => formatLine(model))].join("\n"),
  json: renderJson,
} satisfies Partial<Record<Format, (list: CatalogList, look: Look) => string>>;

/** The built-in models in any of the formats. */
export function renderCatalog(list: CatalogList, format: keyof typeof RENDERERS, look: Look): string {
  return RENDERERS[format](list, look);
}

function describeColumns(models: CatalogList["models"]): Column[] {
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

function formatLine({ id, parameters, modelType, aliases }: CatalogList["models"][number]): string {
  return [id, parameters, modelType ?? "", aliases.join(" ")].join(",");
}
