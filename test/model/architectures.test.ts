import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import {
  findArchitecture,
  findGgufArchitecture,
  isModelType,
  modelTypes,
  tabulateModelTypes,
} from "../../src/model/architectures.ts";

const configOf = (modelType: string) => buildConfig({ model_type: modelType });

test("a model type is one row", () => {
  expect(findArchitecture("qwen3_moe")).toMatchObject({ role: "causal", tied: false });
  expect(findArchitecture("bert")).toMatchObject({ role: "encoder", tied: true });
  expect(findArchitecture("t5")).toMatchObject({ role: "encoder-decoder", tied: true });
});

test.each([null, undefined, "", "novel", "toString", "__proto__"])("%s has no row", (modelType) => {
  expect(findArchitecture(modelType)).toBeNull();
});

test.each([
  ["qwen3moe", "qwen3_moe"],
  ["command-r", "cohere"],
  ["llama", "llama"],
  ["bert", "bert"],
  ["t5", "t5"],
])("%s of a GGUF file is %s", (name, modelType) => {
  expect(findGgufArchitecture(name)).toBe(findArchitecture(modelType));
  expect(findGgufArchitecture("novel")).toBeNull();
});

test("facts of one file are looked up by model type", () => {
  const isGemma = modelTypes("gemma gemma2", "gemma3");
  expect(["gemma", "gemma3", "llama", "gemma gemma2"].map((type) => isGemma(configOf(type)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const bytes = tabulateModelTypes({ gemma: 4, phi: 2 });
  expect([bytes(configOf("gemma")), bytes(configOf("llama")), bytes(null)]).toEqual([4, null, null]);
  expect([isModelType(configOf("phi"), "phi"), isModelType(null, "phi")]).toEqual([true, false]);
});

// A misspelt model type does not compile.
// @ts-expect-error The table has no gema2.
modelTypes("gemma gema2");
// @ts-expect-error The table has no gema.
tabulateModelTypes({ gema: 1 });
