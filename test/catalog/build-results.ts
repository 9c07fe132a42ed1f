/** Builds the results of the catalog: `npx tsx test/catalog/build-results.ts`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatSettings, keepOf, measureReport } from "../../src/api/documents.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { listCatalog } from "../../src/source/catalog/catalog.ts";
import { connectSources } from "../../src/source/connect.ts";
import { parseReference } from "../../src/source/reference.ts";

export const RESULTS = new URL("../../src/source/catalog/measured.ts", import.meta.url);

/** Build the text of measured.ts: each model counted anew, on a line of its own, so that one is parsed alone. */
export async function buildResults(): Promise<string> {
  const { findCatalogResult: _, ...sources } = await connectSources({
    system: { env: {}, cwd: "/", home: null },
    flags: { offline: true },
    useCache: false,
  });
  const references = listCatalog().map(({ id }) => parseReference(id, "https://huggingface.co"));
  const { models, failures } = await measureReport(references, {
    sources: { ...sources, ignoresFolders: true },
    quantizations: LEVEL_QUANTIZATIONS,
  });
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  const lines = models.map(
    (model) => `  ${JSON.stringify(model.id)}: ${quote(JSON.stringify(keepOf(model, model.notes)))},\n`,
  );
  const settings = formatSettings({ file: null, label: null }, LEVEL_QUANTIZATIONS);
  return `/** The results of the built-in models in the settings of a plain run. Built by test/catalog/build-results.ts; do not edit. */
export const SETTINGS = ${quote(settings)};
export const RESULTS: Readonly<Record<string, string>> = {
${lines.join("")}};
`;
}

function quote(json: string): string {
  return `'${json.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(RESULTS, await buildResults());
