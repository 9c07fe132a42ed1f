import { expect, test } from "vitest";
import { COMPRESSED_TENSORS } from "../../src/quant/compressed-tensors.ts";
import { computeSafetensorsBytes, type StoredTensor } from "../../src/quant/safetensors-file.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, weightOf } from "./tiny-model.ts";

const stem = "model.layers.0.mlp.up_proj";

test.each<readonly [string, readonly Omit<StoredTensor, "name">[], readonly string[]]>([
  [
    "w4a16",
    [
      { dtype: "I32", shape: [200, 38] },
      { dtype: "BF16", shape: [200, 3] },
      { dtype: "I64", shape: [2] },
    ],
    ["weight_packed", "weight_scale", "weight_shape"],
  ],
  [
    "w8a8-int8",
    [
      { dtype: "I8", shape: [200, 300] },
      { dtype: "BF16", shape: [200, 1] },
    ],
    ["weight", "weight_scale"],
  ],
  [
    "w8a8-fp8",
    [
      { dtype: "F8_E4M3", shape: [200, 300] },
      { dtype: "BF16", shape: [200, 1] },
    ],
    ["weight", "weight_scale"],
  ],
  [
    "fp8-block",
    [
      { dtype: "F8_E4M3", shape: [200, 300] },
      { dtype: "BF16", shape: [2, 3] },
    ],
    ["weight", "weight_scale"],
  ],
  [
    "nvfp4",
    [
      { dtype: "U8", shape: [200, 150] },
      { dtype: "F8_E4M3", shape: [200, 19] },
      { dtype: "F32", shape: [1] },
      { dtype: "F32", shape: [1] },
    ],
    ["weight_packed", "weight_scale", "weight_global_scale", "input_global_scale"],
  ],
  [
    "mxfp4",
    [
      { dtype: "U8", shape: [200, 150] },
      { dtype: "U8", shape: [200, 10] },
    ],
    ["weight_packed", "weight_scale"],
  ],
])("%s", (name, arrays, suffixes) => {
  const subject = modelOf({ model_type: "llama" }, weightOf(`${stem}.weight`, 200, 300));
  const stored = arrays.map((array, index) => ({ ...array, name: `${stem}.${suffixes[index]}` }));
  expect(predictWith(COMPRESSED_TENSORS, name, subject).bytes).toBe(computeSafetensorsBytes(stored));
});

test("an NVFP4 Qwen3-1.7B with the head tied, to the byte", () => {
  const { bytes } = predictWith(COMPRESSED_TENSORS, "nvfp4", fixtureModel("Qwen/Qwen3-1.7B"), {
    separateHead: false,
  });
  expect(bytes).toBe(1_415_404_568);
});

test("gpt-oss in MXFP4 is quantized in its experts alone: arrays of 13,761,264,768 bytes", () => {
  const { bytes, assumptions } = predictWith(COMPRESSED_TENSORS, "mxfp4", fixtureModel("openai/gpt-oss-20b"));
  expect(bytes - 13_761_264_768).toBeGreaterThan(0);
  expect(bytes - 13_761_264_768).toBeLessThan(100_000);
  expect(assumptions).toContain("only the experts are quantized");
});
