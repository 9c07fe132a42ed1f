/**
 * Writes the documented types of the JSON contract: `npx tsx test/contract/build-types.ts`. Types that zod infers show
 * no descriptions in editors, and would load zod's types into every consumer.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import * as z from "zod";
import {
  budgetConfigSchema,
  budgetSchema,
  deviceSchema,
  limitsSchema,
  pathSchema,
} from "../../src/budget/config-schema.ts";
import { changeSchema, diffSchema } from "../../src/contract/diff.ts";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { documentFields, failureSchema, fileSchema } from "../../src/contract/fields.ts";
import { findReportSchema } from "../../src/contract/find.ts";
import { cacheSchema, listSchema } from "../../src/contract/inventory.ts";
import { memorySchema } from "../../src/contract/memory.ts";
import { reductionRowSchema, reductionSchema } from "../../src/contract/reduction.ts";
import { modelSchema, publishedSchema, reportSchema, sizeSchema } from "../../src/contract/report.ts";
import * as terms from "../../src/contract/terms.ts";
import { findSchema, nameSchema, placeSchema, skippedSchema } from "../../src/contract/places.ts";
import { downloadSchema, scanSchema } from "../../src/contract/scan.ts";
import { verdictSchema } from "../../src/contract/verdicts.ts";
import { NOTE_CODES } from "../../src/notes.ts";

const documentHeader = z.object(documentFields);

/** The interfaces that are written, each with its documentation and those that it extends. */
const INTERFACES = [
  ["DocumentHeader", documentHeader, "The fields that every document begins with."],
  [
    "Report",
    reportSchema,
    "The document of `llm-size`, `check` and `fit`, and of `measure`.",
    documentHeader,
  ],
  ["ModelReport", modelSchema, "One measured model."],
  ["Published", publishedSchema, "The download of a model as published."],
  ["Size", sizeSchema, "The weights of a model at one quantization."],
  ["Verdict", verdictSchema, "The result of one limit for one model."],
  ["ModelFile", fileSchema, "A file of a model."],
  ["Failure", failureSchema, "A model that could not be measured."],
  ["MemoryReport", memorySchema, "The memory that a model takes while it runs."],
  ["Explanation", explanationSchema, "The document of `llm-size explain`.", documentHeader],
  ["ReductionReport", reductionSchema, "The document of `llm-size reduce`.", documentHeader],
  ["ReductionRow", reductionRowSchema, "The size of a model after one technique."],
  ["ModelChange", changeSchema, "The differences between two measurements of a model."],
  ["DiffReport", diffSchema, "The document of `llm-size diff`.", documentHeader],
  ["CatalogList", listSchema, "The document of `llm-size list`.", documentHeader],
  ["CacheReport", cacheSchema, "The document of `llm-size cache`.", documentHeader],
  ["FindReport", findReportSchema, "The document of `llm-size find`.", documentHeader],
  ["ScanReport", scanSchema, "The document of `llm-size scan`.", documentHeader],
  ["CodePlace", placeSchema, "A place in code."],
  ["CodeName", nameSchema, "A model by its name in code, and what is loaded of it."],
  ["CodeFind", findSchema, "A place in code that names a model.", placeSchema, nameSchema],
  ["SkippedFile", skippedSchema, "A file of code that was not read."],
  ["CodeDownload", downloadSchema, "A model that code downloads.", nameSchema],
  ["Config", budgetConfigSchema, "The config file, as people write it."],
  ["ConfigLimits", limitsSchema, "Limits, and how a model is run."],
  ["ConfigBudget", budgetSchema, "The limits of a model or a pattern.", limitsSchema],
  ["ConfigPath", pathSchema, "The limits of models that code below a path names.", limitsSchema],
  ["ConfigDevice", deviceSchema, "A device of the config file."],
] as const satisfies readonly (readonly [string, z.ZodType, string, ...z.ZodObject[]])[];

const NAMES = new Map<unknown, string>(INTERFACES.map(([name, schema]) => [schema, name]));

/** Names of the types of closed sets, by their values. */
const SETS = new Map(
  Object.entries({
    Basis: terms.BASES,
    SourceName: terms.SOURCES,
    Evidence: terms.EVIDENCE,
    Role: terms.ROLES,
    RuleName: terms.RULE_NAMES,
    Outcome: terms.OUTCOMES,
    KvDtype: terms.KV_DTYPES,
    KvLayout: terms.KV_LAYOUTS,
    Bound: terms.BOUNDS,
    DeviceKind: terms.DEVICE_KINDS,
    FitOutcome: terms.FIT_OUTCOMES,
    Technique: terms.TECHNIQUES,
    Registry: terms.REGISTRIES,
    Confidence: terms.CONFIDENCES,
    LoadedPart: terms.LOADED_PARTS,
    FileUse: terms.FILE_USES,
    PackageDoubtCode: terms.PACKAGE_DOUBTS,
    NoteCode: NOTE_CODES,
  }).map(([name, values]) => [JSON.stringify(values), name]),
);

type JsonSchema = z.core.JSONSchema.JSONSchema;

export const TYPES_FILE = new URL("../../src/contract/types.ts", import.meta.url);

/** Build the text of the file. */
export async function buildTypes(): Promise<string> {
  const interfaces = INTERFACES.map(([name, schema, text, ...bases]) => {
    const root = z.toJSONSchema(schema, {
      override: ({ zodSchema, jsonSchema }) => {
        const other = NAMES.get(zodSchema);
        if (other !== undefined && other !== name) jsonSchema.$ref = other;
      },
    });
    for (const base of bases) for (const key of Object.keys(base.shape)) delete root.properties?.[key];
    const parents = bases.length === 0 ? "" : ` extends ${bases.map((base) => NAMES.get(base)).join(", ")}`;
    return `${formatComment(text)}export interface ${name}${parents} ${formatObject(root)}`;
  }).join("\n\n");
  const used = [...SETS.values()].filter((name) => new RegExp(`\\b${name}\\b`).test(interfaces));
  const fromTerms = used.filter((name) => name !== "NoteCode").toSorted();
  const text = `/** The types of the JSON contract. Written by test/contract/build-types.ts from the schemas: change those. */
import type { NoteCode } from "../notes.ts";
import type { ${fromTerms.join(", ")} } from "./terms.ts";

${interfaces}
`;
  const options = await resolveConfig(TYPES_FILE);
  return format(text, { ...options, parser: "typescript" });
}

function formatComment(text: string | undefined): string {
  return text === undefined ? "" : `/** ${text} */\n`;
}

function formatObject({ properties = {}, required = [] }: JsonSchema): string {
  const fields = Object.entries(properties).map(([key, value]) => {
    if (typeof value === "boolean") throw new Error(`${key} has no schema`);
    const isOptional = !required.includes(key);
    const type = `${formatType(value)}${isOptional ? " | undefined" : ""}`;
    return `${formatComment(value.description)}${key}${isOptional ? "?" : ""}: ${type};\n`;
  });
  return `{\n${fields.join("")}}`;
}

function formatType(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return (
      SETS.get(JSON.stringify(schema.enum)) ?? schema.enum.map((value) => JSON.stringify(value)).join(" | ")
    );
  const options = schema.anyOf;
  if (options) return options.map((option) => formatType(toSchema(option))).join(" | ");
  const types: unknown = schema.type;
  return [types]
    .flat()
    .map((type) => formatNamedType(type, schema))
    .join(" | ");
}

function formatNamedType(type: unknown, schema: JsonSchema): string {
  switch (type) {
    case "object": {
      if (schema.properties) return formatObject(schema);
      const keys = schema.propertyNames === undefined ? "string" : formatType(toSchema(schema.propertyNames));
      return `Record<${keys}, ${formatType(toSchema(schema.additionalProperties))}>`;
    }
    case "array":
      return `(${formatType(toSchema(schema.items))})[]`;
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return type;
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

function toSchema(schema: JsonSchema["items"] | JsonSchema["additionalProperties"]): JsonSchema {
  if (typeof schema !== "object" || Array.isArray(schema)) throw new Error("not one schema");
  return schema;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TYPES_FILE, await buildTypes());
}
