import { expect, test } from "vitest";
import { computeLargestBytes } from "../../src/quant/largest-array.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { computeSize } from "../../src/quant/sizes.ts";
import { qwen2Of } from "./tiny-model.ts";

/** The weights of Qwen/Qwen2.5-0.5B-Instruct, 136,134,656 of which are its embedding. */
const qwen05b = qwen2Of(
  { layers: 24, hidden: 896, intermediate: 4_864, keyValue: 128, vocabulary: 151_936 },
  { num_attention_heads: 14, max_position_embeddings: 32_768 },
);

function largest(name: string, published: number | null = null): number | null {
  const quantization = parseQuantization(name);
  const size = computeSize(quantization, qwen05b, 494_032_768, () => published, {});
  return computeLargestBytes(quantization, qwen05b, size, {});
}

test.each<[string, number | null]>([
  ["fp32", 544_538_624],
  ["fp16", 272_269_312],
  ["int4", 76_575_744],
  ["onnx:q4", 544_538_624], // transformers.js quantizes no embedding to 4 bits
  ["onnx:q4f16", 272_269_312],
  ["onnx:q8", 136_134_661],
  ["mlc:q4f16_1", 76_575_744],
  ["gguf:Q4_K_M", null],
])("the largest array of Qwen/Qwen2.5-0.5B-Instruct at %s is of %j bytes", (name, bytes) => {
  expect(largest(name)).toBe(bytes);
});

test("a published file of another size was not made by the rule", () => {
  expect(largest("onnx:q4", 786_156_820)).toBe(544_538_624);
  expect(largest("onnx:q4", 483_003_582)).toBeNull();
});

test("nothing is known of a model whose weights are not", () => {
  expect(computeLargestBytes(parseQuantization("fp32"), null, { bytes: 1 }, {})).toBeNull();
});
