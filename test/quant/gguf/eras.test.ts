import { expect, test } from "vitest";
import { GGUF } from "../../../src/quant/gguf/gguf.ts";
import { fixtureModel } from "../fixtures.ts";
import { predictWith } from "../tiny-model.ts";

test.each([
  ["mistralai/Mistral-7B-v0.1", "Q2_K", 3_083_097_728],
  ["mistralai/Mistral-7B-v0.1", "Q3_K_M", 3_518_985_856],
  ["mistralai/Mistral-7B-v0.1", "Q4_K_S", 4_140_373_632],
  ["mistralai/Mixtral-8x7B-v0.1", "Q2_K", 15_644_034_496],
  ["mistralai/Mixtral-8x7B-v0.1", "Q4_K_M", 26_441_532_864],
  ["mistralai/Mixtral-8x7B-v0.1", "Q6_K", 38_378_759_616],
  ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", "Q2_K", 483_116_416],
  ["openlm-research/open_llama_3b", "Q4_0", 1_979_946_720],
])("TheBloke and gpt4all made %s at %s in 2023", (base, name, bytes) => {
  const prediction = predictWith(GGUF, name, fixtureModel(base));
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(2e-5);
  expect(prediction.assumptions).toContain("made by llama.cpp of 2023");
});

test("types that came later are made by later tools", () => {
  const { assumptions } = predictWith(GGUF, "IQ4_XS", fixtureModel("mistralai/Mistral-7B-v0.1"));
  expect(assumptions).toEqual(["made with an importance matrix"]);
});

test("later tools stack experts, and give eight of them more bits", () => {
  const mixtral = fixtureModel("mistralai/Mixtral-8x7B-v0.1");
  const bytes = predictWith(GGUF, "Q4_K_M", mixtral, { era: "2025" }).bytes;
  expect(bytes / 26_441_532_864).toBeCloseTo(1.076, 3);
});

test("a layer of Q4_K_S more where biases counted: all-MiniLM-L6-v2 of second-state", () => {
  const { bytes } = predictWith(GGUF, "Q4_K_S", fixtureModel("sentence-transformers/all-MiniLM-L6-v2"));
  expect(Math.abs(bytes - 20_694_976)).toBeLessThan(100);
});

test("fused attention counts as values since the end of 2025: Phi-3 at Q4_K_M is larger", () => {
  const phi = fixtureModel("microsoft/Phi-3-mini-4k-instruct");
  const of = (era: "2025" | "2026") => predictWith(GGUF, "Q4_K_M", phi, { era }).bytes;
  expect(of("2026") / of("2025")).toBeCloseTo(1.0012, 3);
});

test.each([
  ["Q4_K_L", 5_310_637_472],
  ["Q6_K_L", 6_850_471_328],
  ["Q2_K_L", 3_692_160_416],
])("bartowski's Meta-Llama-3.1-8B-Instruct-%s", (name, bytes) => {
  const prediction = predictWith(GGUF, name, fixtureModel("meta-llama/Llama-3.1-8B-Instruct"));
  expect(Math.abs(prediction.bytes - bytes)).toBeLessThan(1_000);
});
