import { expect, test } from "vitest";
import { GPTQ } from "../../src/quant/gptq.ts";
import { computeSafetensorsBytes } from "../../src/quant/safetensors-file.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const LLAMA = { model_type: "llama", architectures: ["LlamaForCausalLM"] };

const stem = "model.layers.0.mlp.up_proj";
const tiny = modelOf(LLAMA, weightOf(`${stem}.weight`, 64, 160), weightOf(`${stem}.bias`, 64));

test.each([
  ["4bit-g128", 20, 2, 8],
  ["4bit-g32", 20, 5, 8],
  ["8bit-channel", 40, 1, 16],
  // Three words hold 32 weights of three bits.
  ["3bit-g128", 15, 2, 6],
])(
  "%s: words along the inputs, a last group that may be short, an index and the bias",
  (name, words, groups, zeros) => {
    expect(predictWith(GPTQ, name, tiny).bytes).toBe(
      computeSafetensorsBytes([
        { name: `${stem}.qweight`, dtype: "I32", shape: [words, 64] },
        { name: `${stem}.qzeros`, dtype: "I32", shape: [groups, zeros] },
        { name: `${stem}.scales`, dtype: "F16", shape: [groups, 64] },
        { name: `${stem}.g_idx`, dtype: "I32", shape: [160] },
        { name: `${stem}.bias`, dtype: "F16", shape: [64] },
      ]),
    );
  },
);

test.each([
  ["words that are not whole", modelOf(LLAMA, weightOf(`${stem}.weight`, 64, 100))],
  ["an encoder", fixtureModel("google-bert/bert-base-uncased")],
])("nothing is predicted for %s", (_what, subject) => {
  expect(reasonFor(GPTQ, "4bit-g128", subject)).toEqual(expect.any(String));
});
