import { expect, test } from "vitest";
import { isBuffer } from "../../src/model/buffers.ts";

test.each([
  ["causal mask of openai-community/gpt2", "h.0.attn.bias", [1, 1, 1024, 1024], "F32"],
  ["the same in BigScience's and other prefixes", "transformer.h.0.attn.bias", [1, 1, 2048, 2048], "F16"],
  ["EleutherAI/gpt-neo-125m", "transformer.h.0.attn.attention.bias", [1, 1, 2048, 2048], "F32"],
  ["EleutherAI/pythia-70m", "gpt_neox.layers.0.attention.bias", [1, 1, 2048, 2048], "F16"],
  ["EleutherAI/pythia-70m", "gpt_neox.layers.0.attention.masked_bias", [], "F32"],
  ["meta-llama/Llama-2-7b-hf", "model.layers.0.self_attn.rotary_emb.inv_freq", [64], "F32"],
  ["a rotary embedding at the top", "inv_freq", [64], "F32"],
  ["bert-base-uncased", "bert.embeddings.position_ids", [1, 512], "I64"],
  ["position ids in floating point", "embeddings.position_ids", [1, 77], "F32"],
  ["microsoft/resnet-50", "bn1.running_mean", [64], "F32"],
  ["microsoft/resnet-50", "bn1.num_batches_tracked", [], "I64"],
  ["deepseek-ai/DeepSeek-V3", "model.layers.3.mlp.gate.e_score_correction_bias", [256], "F32"],
  ["microsoft/swin-tiny-patch4-window7-224", "relative_position_index", [49, 49], "I64"],
  ["a boolean mask", "mask", [1, 1, 64, 64], "BOOL"],
])("%s: %s is a buffer", (_model, name, shape, dtype) => {
  expect(isBuffer({ name, shape, dtype })).toBe(true);
});

test.each([
  ["a bias of attention", "h.0.attn.bias", [768], "F32"],
  ["a bias for each pair of positions", "attn.bias", [1, 12, 197, 197], "F32"],
  ["no square", "attn.bias", [1, 1, 64, 128], "F32"],
  ["a projection's bias", "h.0.attn.c_attn.bias", [2304], "F32"],
  ["another name", "h.0.attn.biases", [1, 1, 64, 64], "F32"],
  ["T5's relative positions", "SelfAttention.relative_attention_bias.weight", [32, 12], "F32"],
  ["learned positions", "wpe.weight", [1024, 768], "F32"],
  ["a name that only ends alike", "my_inv_freq.weight", [64], "F32"],
  ["FP8 weights", "q_proj.weight", [64, 64], "F8_E4M3"],
  ["CLIP's temperature", "logit_scale", [], "F32"],
])("%s: %s is a weight", (_what, name, shape, dtype) => {
  expect(isBuffer({ name, shape, dtype })).toBe(false);
});
