import { describe, expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { predict } from "../../src/quant/quantization.ts";
import { listQuantizations, listSchemesFor, parseQuantization } from "../../src/quant/registry.ts";
import { RUNTIME_NAMES, RUNTIMES } from "../../src/quant/runtimes.ts";
import { fixtureModel } from "./fixtures.ts";

describe("every scheme", () => {
  const quantizations = listQuantizations().map((name) => parseQuantization(name));

  test.each([
    "google/gemma-3-4b-it",
    "google-t5/t5-base",
    "microsoft/phi-2",
    "openai-community/gpt2",
    "openai/clip-vit-large-patch14",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-0.6B",
    "sentence-transformers/all-MiniLM-L6-v2",
  ])("gives %s a whole number with a band, or a reason", (id) => {
    const subject = fixtureModel(id);
    for (const quantization of quantizations) {
      const prediction = predict(quantization, subject);
      if (isUnknown(prediction)) expect(prediction.reason).not.toBe("");
      else {
        expect(Number.isSafeInteger(prediction.bytes)).toBe(true);
        if (quantization.ecosystem.name === "level") expect(prediction.errorBand).toBeNull();
        else expect(prediction.errorBand).toBeGreaterThan(0);
        expect(prediction.errorBand ?? 0).toBeLessThan(0.1);
      }
    }
  });
});

test("options are bound when a name is parsed", () => {
  const tied = fixtureModel("google/gemma-2b-it");
  const predictBytes = (separateHead: boolean) => {
    const prediction = predict(parseQuantization("gptq:4bit-g128", { separateHead }), tied);
    return isUnknown(prediction) ? 0 : prediction.bytes;
  };
  expect(predictBytes(true) - predictBytes(false)).toBeGreaterThan(2 * 256_000 * 2_048);
});

test.each(RUNTIME_NAMES)("%s loads the schemes of its ecosystem", (runtime) => {
  const ecosystems = new Set(listSchemesFor(runtime).map(({ ecosystem }) => ecosystem.name));
  expect([...ecosystems]).toEqual([RUNTIMES[runtime]]);
});

test.each(["q4", "Q4", "q8"])("%s alone is of several families", (name) => {
  expect(() => parseQuantization(name)).toThrow(
    /ambiguous quantization .*onnx:q[48], gguf:Q\w+, mlx:[48]bit/,
  );
});

test.each([
  ["Q3_K", "gguf:Q3_K_M"],
  ["Q4_0_8_8", "gguf:Q4_0"],
  ["FP8-dynamic", "ct:w8a8-fp8"],
  ["Q4_K_L", "gguf:Q4_K_L"],
])("%s is %s", (typed, name) => expect(parseQuantization(typed).name).toBe(name));
