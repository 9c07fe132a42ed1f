import { expect, test } from "vitest";
import { AWQ } from "../../src/quant/awq.ts";
import { computeSafetensorsBytes } from "../../src/quant/safetensors-file.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const LLAMA = { model_type: "llama", architectures: ["LlamaForCausalLM"] };

test("words along the outputs, scales and zero points a group of inputs", () => {
  const stem = "model.layers.0.mlp.up_proj";
  const subject = modelOf(LLAMA, weightOf(`${stem}.weight`, 64, 256));
  expect(predictWith(AWQ, "4bit-g128", subject).bytes).toBe(
    computeSafetensorsBytes([
      { name: `${stem}.qweight`, dtype: "I32", shape: [256, 8] },
      { name: `${stem}.qzeros`, dtype: "I32", shape: [2, 8] },
      { name: `${stem}.scales`, dtype: "F16", shape: [2, 64] },
    ]),
  );
});

test("Qwen/Qwen2.5-1.5B-Instruct-AWQ, to the byte: its tied head is stored again", () => {
  const subject = fixtureModel("Qwen/Qwen2.5-1.5B");
  const bytes = (separateHead: boolean) => predictWith(AWQ, "4bit-g128", subject, { separateHead }).bytes;
  expect(bytes(true)).toBe(1_614_553_840);
  expect(predictWith(AWQ, "4bit-g128", subject).bytes).toBe(bytes(true));
  expect(bytes(false)).toBeLessThan(1_614_553_840 - 151_936 * 1536 * 2);
});

test.each([
  ["groups that are not whole", modelOf(LLAMA, weightOf("model.layers.0.mlp.up_proj.weight", 64, 200))],
  ["an encoder-decoder", fixtureModel("google-t5/t5-base")],
])("nothing is predicted for %s", (_what, subject) => {
  expect(reasonFor(AWQ, "4bit-g128", subject)).toEqual(expect.any(String));
});
