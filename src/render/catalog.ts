import type { CatalogList } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { Format, RenderOptions } from "./options.ts";
import { renderSections } from "./sections.ts";
import { renderCsv, tabulate } from "./table.ts";
import { formatCount } from "./units.ts";

/** Render the list of built-in models. */
export async function renderCatalog(
  list: CatalogList,
  format: Exclude<Format, "ndjson">,
  options: RenderOptions,
): Promise<string> {
  const { models } = list;
  if (format === "json") return renderJson(list);
  if (format === "csv")
    return renderCsv(
      tabulate(models, [
        { title: "id", align: "left", cell: ({ id }) => id },
        { title: "parameters", align: "right", cell: ({ parameters }) => parameters },
        { title: "modelType", align: "left", cell: ({ modelType }) => modelType },
        { title: "aliases", align: "left", cell: ({ aliases }) => aliases.join(" ") },
      ]),
    );
  const table = tabulate(models, [
    { title: "Model", align: "left", cell: ({ id }) => id },
    { title: "Params", align: "right", cell: ({ parameters }) => formatCount(parameters) },
    {
      title: "Also as",
      align: "left",
      cell: ({ aliases }) => aliases.toSorted((a, b) => a.length - b.length)[0],
    },
  ]);
  return await renderSections([{ table }], format, options);
}
