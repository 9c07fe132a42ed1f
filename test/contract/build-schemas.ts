/** Writes the JSON Schemas that are shipped: `npx tsx test/contract/build-schemas.ts`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { budgetConfigSchema } from "../../src/budget/config-schema.ts";
import { diffSchema } from "../../src/contract/diff.ts";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { findReportSchema } from "../../src/contract/find.ts";
import { cacheSchema, listSchema } from "../../src/contract/inventory.ts";
import { reductionSchema } from "../../src/contract/reduction.ts";
import { modelSchema, reportSchema } from "../../src/contract/report.ts";
import { scanSchema } from "../../src/contract/scan.ts";

export const SCHEMAS = [
  { file: "config.schema.json", title: "The config file of llm-size", schema: budgetConfigSchema },
  { file: "report.schema.json", title: "The report of llm-size, version 1", schema: reportSchema },
  {
    file: "explanation.schema.json",
    title: "The output of llm-size explain, version 1",
    schema: explanationSchema,
  },
  {
    file: "reduction.schema.json",
    title: "The output of llm-size reduce, version 1",
    schema: reductionSchema,
  },
  { file: "diff.schema.json", title: "The output of llm-size diff, version 1", schema: diffSchema },
  { file: "scan.schema.json", title: "The output of llm-size scan, version 1", schema: scanSchema },
  { file: "find.schema.json", title: "The output of llm-size find, version 1", schema: findReportSchema },
  { file: "list.schema.json", title: "The output of llm-size list, version 1", schema: listSchema },
  { file: "cache.schema.json", title: "The output of llm-size cache, version 1", schema: cacheSchema },
] as const;

export const SCHEMA_FOLDER = new URL("../../schema/", import.meta.url);

/**
 * Build the text of one schema: a key per line, so that a change can be read, and not indented, which takes a fifth of the
 * packed size.
 */
export function buildSchema({ title, schema }: (typeof SCHEMAS)[number]): string {
  // As input, so that a reader does not refuse the keys that a later version adds.
  // A document may have several models: their schema is there once, below $defs.
  z.globalRegistry.add(modelSchema, { id: "model" });
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
  z.globalRegistry.remove(modelSchema);
  return `${JSON.stringify({ $schema, title, ...rest }, null, 1).replaceAll(/^ +/gm, "")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const row of SCHEMAS) writeFileSync(new URL(row.file, SCHEMA_FOLDER), buildSchema(row));
}
