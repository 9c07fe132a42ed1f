import type { CatalogList } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { Format, RenderOptions } from "./options.ts";
import { renderSections } from "./sections.ts";
import { leftColumn, renderCsv, rightColumn, tabulate } from "./table.ts";
import { formatCount } from "./units.ts";

/** Render the list of built-in models. */
export async function renderCatalog(
  list: CatalogList,
  format: Exclude<Format, "ndjson" | "badge">,
  options: RenderOptions,
): Promise<string> {
  const { models } = list;
  if (format === "json") return renderJson(list);
  if (format === "csv")
    return renderCsv(
      tabulate(models, [
        leftColumn("id", ({ id }) => id),
        rightColumn("parameters", ({ parameters }) => parameters),
        leftColumn("modelType", ({ modelType }) => modelType),
        leftColumn("aliases", ({ aliases }) => aliases.join(" ")),
      ]),
    );
  const table = tabulate(models, [
    leftColumn("Model", ({ id }) => id),
    rightColumn("Params", ({ parameters }) => formatCount(parameters)),
    leftColumn("Also as", ({ aliases }) => aliases.toSorted((a, b) => a.length - b.length)[0]),
  ]);
  return await renderSections([{ table }], format, options);
}
