/** Builds the catalog from the recorded models: `npx tsx test/catalog/build-catalog.ts`. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isObject, type JsonObject } from "../../src/format/config.ts";
import type { CatalogRow } from "../../src/source/catalog/catalog.ts";
import { unfoldTensors } from "../../src/source/catalog/fold.ts";
import { foldTensors } from "./fold.ts";
import { readRecordedModels, type RecordedModel } from "./recorded-models.ts";

const SOURCE = new URL("../../src/", import.meta.url);
export const CATALOG = new URL("source/catalog/models.ts", SOURCE);

/** Words of the program's own code: a config keeps the keys that are among them, so whatever the program reads. */
const WORDS: ReadonlySet<string> = new Set(
  readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/[\\/]catalog[\\/](?:models|measured)\.ts$/.test(path))
    .flatMap((path) => readFileSync(new URL(path, SOURCE), "utf8").match(/\w+/g) ?? []),
);

/**
 * Build the text of models.ts: a module, so that the catalog works in every bundle; lines of JSON, so that one is parsed
 * alone. Models of one type stand together, which compresses best.
 */
export function buildCatalog(models: readonly RecordedModel[]): string {
  const nameLists: string[] = [];
  const types = [...new Set(models.map(({ config }) => config["model_type"]))];
  const rows = types
    .flatMap((type) => models.filter(({ config }) => config["model_type"] === type))
    .map((model) => JSON.stringify(buildRow(model, nameLists)));
  return `/** The built-in models, one line of JSON each. Built by test/catalog/build-catalog.ts; do not edit. */
export const MODELS: readonly string[] = [
${rows.map(quote).join("")}];

/** Names of tensors that stand together, as the rows refer to them. */
export const NAME_LISTS: readonly string[] = [
${nameLists.map(quote).join("")}];
`;
}

function quote(text: string): string {
  return `  '${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}',\n`;
}

function buildRow(model: RecordedModel, nameLists: string[]): CatalogRow {
  const publishedTotal = model.publishedTotals[0] ?? null;
  const tensors = foldTensors(model.tensors, nameLists);
  return {
    id: model.id,
    parameters: model.parameters,
    ...(publishedTotal !== model.parameters && { publishedTotal }),
    files: pickCheckpoint(model.realFileBytes ?? {}, unfoldTensors(tensors, nameLists)),
    config: keepRead(model.config),
    tensors,
  };
}

/** The root safetensors files, if they hold the tensors and little else: one of five shards would be a wrong size. */
function pickCheckpoint(
  bytesByPath: { readonly [path: string]: number },
  tensors: readonly { readonly bytes: number }[],
): { [path: string]: number } {
  const files = Object.entries(bytesByPath).filter(([path]) => /^model[^/]*\.safetensors$/.test(path));
  const fileBytes = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  const tensorBytes = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const headerBytes = fileBytes - tensorBytes;
  // A header takes about 120 bytes a tensor.
  return headerBytes > 0 && headerBytes < 200 * tensors.length ? Object.fromEntries(files) : {};
}

function keepRead(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => WORDS.has(key))
      .map(([key, value]) => [key, shorten(key, value)]),
  );
}

function shorten(key: string, value: unknown): unknown {
  if (isObject(value)) return keepRead(value);
  // Of the 48 factors of Phi-3, their number alone is read.
  return key === "long_factor" && Array.isArray(value) ? value.map(() => 1) : value;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(CATALOG, buildCatalog(readRecordedModels()));
}
