import { expect, test } from "vitest";
import { groupByLayer } from "../../../src/memory/llama-cpp/weight-layers.ts";

const tensors = (...names: readonly string[]) => names.map((name) => ({ name, bytes: 100 }));

test.each([
  // Llama 3.1 8B: a head of its own.
  ["token_embd output output_norm rope_freqs", { inputBytes: 100, outputBytes: 300 }],
  // Gemma 2: the head is a second copy of the embedding.
  ["token_embd output_norm", { inputBytes: 100, outputBytes: 200 }],
  ["token_embd position_embd output_norm", { inputBytes: 200, outputBytes: 200 }],
])("%s", (names, sums) => {
  const outside = names.split(" ").map((name) => `${name}.weight`);
  const all = tensors(...outside, "blk.0.attn_q.weight", "blk.1.ffn_down_exps.weight");
  const bytes = 100 * all.length;
  expect(groupByLayer(all, bytes)).toEqual({
    ...sums,
    layers: [
      { bytes: 100, expertBytes: 0, largestBytes: 100 },
      { bytes: 100, expertBytes: 100, largestBytes: 100 },
    ],
  });
});

test("a file of another size than its tensors is scaled, one with a header is not", () => {
  const all = tensors("token_embd.weight", "output.weight", "blk.0.attn_q.weight");
  expect(groupByLayer(all, 600)?.inputBytes).toBe(100); // a tokenizer of 300 bytes
  expect(groupByLayer(all, 150)?.inputBytes).toBe(50);
});

test.each([
  ["an encoder of images", ["v.blk.0.attn_q.weight"]],
  ["no layer", ["token_embd.weight"]],
  ["more layers than any model has", ["token_embd.weight", "blk.99999.attn_q.weight"]],
])("%s is not split", (_what, names) => {
  expect(groupByLayer(tensors(...names), 1_000)).toBeNull();
});
