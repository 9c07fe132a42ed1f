/** The built-in models, which can be measured without a network. */
import type { CatalogList } from "../../contract/types.ts";
import type { CatalogModel } from "../repository.ts";
import { listAliases, resolveAlias } from "./aliases.ts";
import { unfoldTensors, type FoldedTensors } from "./fold.ts";
import { MODELS, NAME_LISTS } from "./models.ts";

/** One line of models.ts, as JSON. `id` comes first, so that a line can be found before it is parsed. */
export interface CatalogRow extends Omit<CatalogModel, "files" | "publishedTotal" | "tensors"> {
  /** Left out where it is the number of parameters. */
  readonly publishedTotal?: number | null;
  /** Bytes by path. */
  readonly files: { readonly [path: string]: number };
  readonly tensors: FoldedTensors;
}

/** Return the catalog's model with that id or alias, in any letter case. */
export function findCatalogModel(name: string): CatalogModel | null {
  const id = resolveAlias(name);
  const line = id && MODELS.find((text) => text.startsWith(`{"id":"${id}",`));
  if (!line) return null;
  const row = parseRow(line);
  const files = Object.entries(row.files).map(([path, bytes]) => ({ path, bytes }));
  const { publishedTotal = row.parameters } = row;
  return { ...row, publishedTotal, files, tensors: unfoldTensors(row.tensors, NAME_LISTS) };
}

/** Return every model of the catalog, ordered by id. */
export function listCatalog(): CatalogList["models"] {
  return MODELS.map(parseRow)
    .map(({ id, config, parameters }) => ({
      id,
      aliases: [...listAliases(id)],
      modelType: typeof config["model_type"] === "string" ? config["model_type"] : null,
      parameters,
    }))
    .toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
}

/** Our own file, which a test compares with its sources: no validation needed. */
function parseRow(line: string): CatalogRow {
  return JSON.parse(line) as CatalogRow;
}
