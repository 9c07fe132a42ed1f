import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBudgetConfig } from "../../src/budget/config.ts";
import { resolveBudgets } from "../../src/budget/budget.ts";
import { LlmSizeError } from "../../src/errors.ts";

const GEMMA = { model: "gemma-2b", maxClass: "2B" };

test("a config", () => {
  const config = {
    $schema: "./node_modules/llm-size/schema/config.schema.json",
    defaults: { quantization: "INT4", maxSize: "2GB" },
    budgets: [
      { model: " gemma-2b ", maxSize: "1.5GB", maxClass: "2B", why: "phones have 4 GB" },
      { model: "google/*", maxParams: "9B" },
    ],
  };
  const lines = new Map([
    ["defaults.maxSize", 2],
    ["budgets[0].maxClass", 5],
    ["budgets[1].maxParams", 9],
  ]);
  const at = (line: number | null) => ({ path: "web/my.yaml", line });
  expect(parseBudgetConfig(config, "web\\my.yaml", { lines })).toEqual({
    paths: [],
    defaults: {
      quantization: "int4",
      limits: [
        {
          rule: "maxSize",
          limit: 2_000_000_000,
          why: null,
          device: null,
          recommendedBytes: null,
          place: at(2),
        },
      ],
      options: {},
    },
    budgets: [
      {
        model: "gemma-2b",
        quantization: null,
        limits: [
          {
            rule: "maxSize",
            limit: 1_500_000_000,
            why: "phones have 4 GB",
            device: null,
            recommendedBytes: null,
            place: at(null),
          },
          {
            rule: "maxClass",
            limit: 2_000_000_000,
            why: "phones have 4 GB",
            device: null,
            recommendedBytes: null,
            place: at(5),
          },
        ],
        options: {},
      },
    ],
    patterns: [
      {
        model: "google/*",
        quantization: null,
        limits: [
          {
            rule: "maxParams",
            limit: 9_000_000_000,
            why: null,
            device: null,
            recommendedBytes: null,
            place: at(9),
          },
        ],
        options: {},
      },
    ],
  });
});

describe("what a person would get wrong", () => {
  test.each([
    ["nothing", undefined, "", /missing/, /./],
    ["null", null, "", /object in \{ \}, not null/, /./],
    ["a list", [GEMMA], "", /object in \{ \}, not a list/, /./],
    ["text", "2GB", "", /object in \{ \}, not text/, /./],
    ["empty", {}, "", /no limit is set/, /maxSize/],
    ["no budgets", { budgets: [] }, "", /no limit is set/, /maxSize/],
    ["only $schema", { $schema: "x" }, "", /no limit is set/, /maxSize/],
    ["defaults without a limit", { defaults: { quantization: "int4" } }, "", /no limit is set/, /maxSize/],
    ["budget for budgets", { budget: [GEMMA] }, "", /unknown key "budget"/, /did you mean budgets\?/],
    [
      "limits at the top",
      { maxSize: "2GB" },
      "",
      /unknown key "maxSize"/,
      /known keys are \$schema, defaults, budgets/,
    ],
    ["an object for the list", { budgets: GEMMA }, "budgets", /a list in \[ \], not an object/, /./],
    ["a name for a budget", { budgets: ["gemma-2b"] }, "budgets[0]", /object in \{ \}, not text/, /./],
    ["no model", { budgets: [{ maxClass: "2B" }] }, "budgets[0].model", /missing/, /./],
    [
      "an empty model",
      { budgets: [{ ...GEMMA, model: " " }] },
      "budgets[0].model",
      /must not be empty/,
      /org\/name/,
    ],
    [
      "a list of models",
      { budgets: [{ ...GEMMA, model: ["a"] }] },
      "budgets[0].model",
      /text in quotes, not a list/,
      /./,
    ],
    [
      "a pattern with a revision",
      { budgets: [{ ...GEMMA, model: "google/*@main" }] },
      "budgets[0].model",
      /invalid pattern/,
      /google\/\*/,
    ],
    [
      "a pattern of a path",
      { budgets: [{ ...GEMMA, model: "./*" }] },
      "budgets[0].model",
      /invalid pattern/,
      /./,
    ],
    [
      "a pattern of braces",
      { budgets: [{ ...GEMMA, model: "google/{a,*}" }] },
      "budgets[0].model",
      /invalid pattern/,
      /google\/\*/,
    ],
    [
      "no limit",
      { budgets: [GEMMA, { model: "gemma-7b" }] },
      "budgets[1]",
      /no limit is set for gemma-7b/,
      /maxSize/,
    ],
    [
      "only why",
      { budgets: [{ model: "gemma-7b", why: "x" }] },
      "budgets[0]",
      /no limit is set for gemma-7b/,
      /maxSize/,
    ],
    [
      "the flag's name",
      { budgets: [{ model: "a", quant: "int4", maxSize: "2GB" }] },
      "budgets[0]",
      /unknown key "quant"/,
      /did you mean quantization\?/,
    ],
    [
      "a misspelled rule",
      { budgets: [{ model: "a", maxSzie: "2GB" }] },
      "budgets[0]",
      /unknown key "maxSzie"/,
      /did you mean maxSize\?/,
    ],
    [
      "another's key",
      { budgets: [{ model: "a", threshold: "2GB" }] },
      "budgets[0]",
      /unknown key "threshold"/,
      /known keys are model, quantization, variant, maxSize/,
    ],
    [
      "a misspelled default",
      { defaults: { maxClas: "2B" } },
      "defaults",
      /unknown key "maxClas"/,
      /did you mean maxClass\?/,
    ],
    [
      "a number",
      { budgets: [{ model: "a", maxSize: 2e9 }] },
      "budgets[0].maxSize",
      /text in quotes, not 2000000000/,
      /./,
    ],
    [
      "null for a limit",
      { budgets: [{ model: "a", maxSize: null }] },
      "budgets[0].maxSize",
      /text in quotes, not null/,
      /./,
    ],
    [
      "a bare number",
      { budgets: [{ model: "a", maxSize: "2" }] },
      "budgets[0].maxSize",
      /unit is missing/,
      /1\.5GB/,
    ],
    [
      "parameters for bytes",
      { budgets: [{ model: "a", maxSize: "7T" }] },
      "budgets[0].maxSize",
      /unknown unit T/,
      /1\.5GB/,
    ],
    ["a negative growth", { defaults: { maxGrowth: "-2%" } }, "defaults.maxGrowth", /above zero/, /2%/],
    [
      "an unknown quantization",
      { budgets: [{ ...GEMMA, quantization: "int5" }] },
      "budgets[0].quantization",
      /int5/,
      /int4/,
    ],
    [
      "a list of quantizations",
      { budgets: [{ ...GEMMA, quantization: ["int4"] }] },
      "budgets[0].quantization",
      /not a list/,
      /./,
    ],
    [
      "twice the same",
      { budgets: [GEMMA, GEMMA] },
      "budgets[1]",
      /gemma-2b already has a budget, budgets\[0\]/,
      /quantization/,
    ],
    [
      "twice in another case",
      { budgets: [GEMMA, { ...GEMMA, model: "Gemma-2B " }] },
      "budgets[1]",
      /already/,
      /quantization/,
    ],
    [
      "twice the same pattern",
      {
        budgets: [
          { ...GEMMA, model: "a/*" },
          { ...GEMMA, model: "A/*" },
        ],
      },
      "budgets[1]",
      /already/,
      /./,
    ],
    [
      "twice by the default",
      { defaults: { quantization: "int4" }, budgets: [GEMMA, { ...GEMMA, quantization: "INT4" }] },
      "budgets[1]",
      /already/,
      /quantization/,
    ],
    [
      "__proto__",
      JSON.parse('{"budgets":[{"model":"a","maxClass":"2B","__proto__":{}}]}'),
      "budgets[0]",
      /unknown key "__proto__"/,
      /./,
    ],
    [
      "two mistakes",
      { budgets: [{ model: "a", maxClass: "2", maxActive: "3" }] },
      "budgets[0].maxActive",
      /unit is missing/,
      /./,
    ],
  ])("%s", (_, value: unknown, path, problem, hint) => {
    const error = catchError(() => parseBudgetConfig(value, "llm-size.config.json"));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", exitCode: 2, context: { path } });
    expect(error.message).toMatch(
      new RegExp(`^llm-size\\.config\\.json: ${path.replace(/[[\].]/g, "\\$&")}`),
    );
    expect(error.message).toMatch(problem);
    expect(error.hint).toMatch(hint);
  });

  test("says how many more", () => {
    const value = { budgets: [{ model: "a", maxClass: "2", maxActive: "3" }, { model: 5 }] };
    expect(catchError(() => parseBudgetConfig(value, "config")).message).toContain("(and 2 more)");
  });
});

test("any JSON is a config or refused", () => {
  const keys = fc.constantFrom(
    "budgets",
    "defaults",
    "model",
    "maxClass",
    "quantization",
    "__proto__",
    "why",
  );
  const { value: values } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue(),
      fc.constantFrom("2B", "int4", "a/*", "a"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value")),
    ),
  }));
  fc.assert(
    fc.property(values, (value) => {
      const error = catchError(() => parseBudgetConfig(value, "config"), null);
      if (error !== null) expect(error.code).toBe("CONFIG_INVALID");
    }),
  );
});

describe("the budgets of a model", () => {
  const config = parseBudgetConfig(
    {
      defaults: { quantization: "int8", maxSize: "9GB", maxParams: "9B", why: "defaults" },
      budgets: [
        { model: "google/*", maxSize: "8GB", maxClass: "8B", why: "google" },
        { model: "*-it", quantization: "fp16", maxSize: "7GB", why: "it" },
        { model: "google/gemma-2b", maxSize: "6GB", why: "own" },
        { model: "gemma-2b@v1", maxSize: "5GB", why: "alias" },
        { model: "org/two", quantization: "int4", maxSize: "1GB" },
        { model: "org/two", quantization: "fp16", maxSize: "4GB" },
      ],
    },
    "config",
  );

  test.each([
    [
      "its own goes first",
      "google/gemma-2b",
      "google/gemma-2b",
      ["int8: maxSize own, maxParams defaults, maxClass google"],
    ],
    [
      "found by id",
      "gemma-2b",
      "google/gemma-2b",
      ["int8: maxSize own, maxParams defaults, maxClass google"],
    ],
    ["in any case", "GOOGLE/Gemma-2b", null, ["int8: maxSize own, maxParams defaults, maxClass google"]],
    [
      "by reference and by id: the strictest decides",
      "gemma-2b@v1",
      "google/gemma-2b",
      [
        "int8: maxSize own, maxParams defaults, maxClass google",
        "int8: maxSize alias, maxParams defaults, maxClass google",
      ],
    ],
    [
      "a renamed model by the pattern of its former name",
      "google/old",
      "elsewhere/new",
      ["int8: maxSize google, maxParams defaults, maxClass google"],
    ],
    [
      "a renamed model by both of its patterns",
      "google/old",
      "elsewhere/new-it",
      ["int8: maxSize google, maxParams defaults, maxClass google", "fp16: maxSize it, maxParams defaults"],
    ],
    [
      "the later pattern",
      "google/gemma-2b-it",
      "google/gemma-2b-it",
      ["fp16: maxSize it, maxParams defaults, maxClass google"],
    ],
    ["only defaults", "a/b", "a/b", ["int8: maxSize defaults, maxParams defaults"]],
    ["unmeasured", "google/x", null, ["int8: maxSize google, maxParams defaults, maxClass google"]],
    [
      "two of its own",
      "org/two",
      "org/two",
      ["int4: maxSize null, maxParams defaults", "fp16: maxSize null, maxParams defaults"],
    ],
  ])("%s", (_, reference, id, expected) => {
    const budgets = resolveBudgets(config, { reference, id });
    expect(budgets.map(({ model }) => model)).toEqual(budgets.map(() => reference));
    expect(
      budgets.map(
        ({ quantization, limits }) =>
          `${quantization}: ${limits.map(({ rule, why }) => `${rule} ${why}`).join(", ")}`,
      ),
    ).toEqual(expected);
  });
});

function catchError(act: () => unknown): LlmSizeError;
function catchError(act: () => unknown, otherwise: null): LlmSizeError | null;
function catchError(act: () => unknown, otherwise?: null): LlmSizeError | null {
  try {
    act();
  } catch (error) {
    if (error instanceof LlmSizeError) return error;
    throw error;
  }
  if (otherwise === null) return null;
  throw new Error("nothing was refused");
}
