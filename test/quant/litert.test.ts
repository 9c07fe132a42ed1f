import { expect, test } from "vitest";
import { LITERT } from "../../src/quant/litert.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

test.each([
  ["Qwen2.5-1.5B-Instruct_multi-prefill-seq_q8_ekv1280.task", "Qwen/Qwen2.5-1.5B", "int8", 8, 1_625_493_432],
  [
    "Qwen2.5-1.5B-Instruct_multi-prefill-seq_q8_ekv4096.litertlm",
    "Qwen/Qwen2.5-1.5B",
    "int8",
    5,
    1_597_931_520,
  ],
  ["Gemma3-1B-IT_multi-prefill-seq_q4_ekv2048.task", "google/gemma-3-1b-it", "int4", 5, 554_661_246],
  ["gemma3-1b-it-int4.litertlm", "google/gemma-3-1b-it", "int4", 8, 584_417_280],
])("%s", (_file, id, name, signatures, bytes) => {
  const exact = predictWith(LITERT, name, fixtureModel(id), { signatures });
  expect(Math.abs(exact.bytes / bytes - 1)).toBeLessThan(0.002);
  expect(exact.errorBand).toBe(0.005);
  const choices = LITERT.schemes[0]?.listChoices?.(fixtureModel(id)).map(({ options }) => options.signatures);
  expect([5, ...(choices ?? [])]).toContain(signatures);
});

test("each graph repeats 12 bytes a channel", () => {
  const subject = modelOf(
    { model_type: "qwen3", num_hidden_layers: 1 },
    weightOf("model.layers.0.mlp.up_proj.weight", 10, 4),
    weightOf("model.norm.weight", 4),
  );
  expect(predictWith(LITERT, "int4", subject, { signatures: 3 }).bytes).toBe(
    20 + 3 * 10 * 12 + 4 * 4 + 3 * 24_000 + 2_000_000,
  );
});

test.each([
  [
    "several models in one",
    modelOf({ model_type: "gemma3n", num_hidden_layers: 1 }, weightOf("a.weight", 2, 2)),
  ],
  ["towers", fixtureModel("google/gemma-3-4b-it")],
  ["no number of layers", modelOf({ model_type: "qwen3" }, weightOf("a.weight", 2, 2))],
])("nothing is predicted for %s", (_what, subject) => {
  expect(reasonFor(LITERT, "int4", subject)).not.toBeNull();
});
