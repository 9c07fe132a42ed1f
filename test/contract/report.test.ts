import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diffSchema } from "../../src/contract/diff.ts";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { cacheSchema, listSchema } from "../../src/contract/inventory.ts";
import { reductionSchema } from "../../src/contract/reduction.ts";
import { reportSchema } from "../../src/contract/report.ts";
import { runJson, runProgram } from "../program.ts";

const frozen: unknown = JSON.parse(
  readFileSync(new URL("../../fixtures/report/report-v1.json", import.meta.url), "utf8"),
);

/** Every path of a document with the type of what stands there; the items of a list stand for each other. */
function listTypes(value: unknown, path = "$"): [string, string][] {
  if (Array.isArray(value)) return [[path, "list"], ...value.flatMap((item) => listTypes(item, `${path}[]`))];
  if (typeof value === "object" && value !== null)
    return [
      [path, "object"],
      ...Object.entries(value).flatMap(([key, item]) => listTypes(item, `${path}.${key}`)),
    ];
  return [[path, value === null ? "null" : typeof value]];
}

test("today's report has every key of the frozen one, of the same type", async () => {
  const words = ["check", "gemma-2b", "nope/x", "--quant", "int4", "--max-size", "1.4GB", "--offline"];
  const today = new Map(listTypes((await runJson(words)).report));
  const changed = listTypes(frozen).filter(([path, type]) => {
    const now = today.get(path);
    return now === undefined || (now !== type && now !== "null" && type !== "null");
  });
  expect(changed).toEqual([]);
});

test.each([
  ["explain gemma-2b", explanationSchema],
  ["reduce gemma-2b", reductionSchema],
  ["diff gemma-2b gemma-7b", diffSchema],
  ["list", listSchema],
  ["cache", cacheSchema],
  ["cache clear", cacheSchema],
])("llm-size %s --json fits its schema", async (words, schema) => {
  const { stdout } = await runProgram([...words.split(" "), "--json"], { env: { HF_HUB_OFFLINE: "1" } });
  expect(() => schema.strict().parse(JSON.parse(stdout))).not.toThrow();
});

test("a reader of version 1 accepts the frozen report, and one with keys of a later version", () => {
  expect(() => reportSchema.parse(frozen)).not.toThrow();
  expect(() => reportSchema.parse({ ...(frozen as object), later: { added: true } })).not.toThrow();
});

test.each(["models", "failures", "verdicts", "passed", "generator", "schemaVersion"])(
  "a report without %s is refused, and one where it is of another type",
  (key) => {
    const { [key]: _, ...rest } = frozen as Record<string, unknown>;
    expect(reportSchema.safeParse(rest).success).toBe(false);
    expect(reportSchema.safeParse({ ...rest, [key]: "text" }).success).toBe(false);
  },
);
