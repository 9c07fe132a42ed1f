import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findGgufName } from "../../../src/quant/gguf/gguf-name.ts";

describe("findGgufName", () => {
  test.each([
    // google/gemma-2b, Qwen/Qwen3-VL-2B-Instruct, google/gemma-3-4b-it
    ["model.embed_tokens.weight", "token_embd.weight", null],
    ["model.language_model.layers.3.self_attn.q_norm.weight", "blk.3.attn_q_norm.weight", 3],
    ["language_model.model.layers.33.mlp.down_proj.weight", "blk.33.ffn_down.weight", 33],
    ["lm_head.weight", "output.weight", null],
    // Qwen/Qwen2.5-0.5B-Instruct, microsoft/phi-2
    ["model.layers.0.self_attn.k_proj.bias", "blk.0.attn_k.bias", 0],
    ["model.layers.31.self_attn.dense.bias", "blk.31.attn_output.bias", 31],
    // openai-community/gpt2, bigscience/bloom, tiiuae/falcon-7b
    ["h.11.attn.c_attn.weight", "blk.11.attn_qkv.weight", 11],
    ["transformer.h.0.mlp.dense_4h_to_h.weight", "blk.0.ffn_down.weight", 0],
    ["transformer.word_embeddings.weight", "token_embd.weight", null],
    // BERT, old and new names of a norm; DistilBERT; nomic-embed-text
    ["bert.encoder.layer.0.attention.output.LayerNorm.gamma", "blk.0.attn_output_norm.weight", 0],
    ["encoder.layer.5.intermediate.dense.weight", "blk.5.ffn_up.weight", 5],
    ["distilbert.transformer.layer.1.attention.v_lin.weight", "blk.1.attn_v.weight", 1],
    ["encoder.layers.2.mlp.fc12.weight", "blk.2.ffn_gate.weight", 2],
    // google-t5/t5-base, google/flan-t5-base
    ["encoder.block.0.layer.0.SelfAttention.q.weight", "enc.blk.0.attn_q.weight", null],
    ["decoder.block.11.layer.1.EncDecAttention.v.weight", "dec.blk.11.cross_attn_v.weight", null],
    ["decoder.block.2.layer.2.DenseReluDense.wi_1.weight", "dec.blk.2.ffn_up.weight", null],
    ["decoder.block.2.layer.2.layer_norm.weight", "dec.blk.2.ffn_norm.weight", null],
    ["encoder.final_layer_norm.weight", "enc.output_norm.weight", null],
    ["shared.weight", "token_embd.weight", null],
    // Qwen/Qwen3-30B-A3B, mistralai/Mixtral-8x7B-v0.1, openai/gpt-oss-20b
    ["model.layers.47.mlp.experts.127.up_proj.weight", "blk.47.ffn_up_exps.weight", 47],
    ["model.layers.0.block_sparse_moe.experts.7.w2.weight", "blk.0.ffn_down_exps.weight", 0],
    ["model.layers.1.mlp.experts.gate_up_proj_bias", "blk.1.ffn_gate_up_exps.bias", 1],
    ["model.layers.1.self_attn.sinks", "blk.1.attn_sinks.weight", 1],
    ["model.layers.2.mlp.router.weight", "blk.2.ffn_gate_inp.weight", 2],
    // deepseek-ai/DeepSeek-V2-Lite
    ["model.layers.9.self_attn.kv_a_proj_with_mqa.weight", "blk.9.attn_kv_a_mqa.weight", 9],
    ["model.layers.9.mlp.shared_experts.up_proj.weight", "blk.9.ffn_up_shexp.weight", 9],
  ])("%s is %s", (name, gguf, layer) => {
    expect(findGgufName(name)).toMatchObject({ name: gguf, layer, isKnown: true });
  });

  test.each([
    "model.layers.0.experimental.weight",
    "unet.conv_in.weight",
    "decoder.block.0.layer.0.Surprise.weight",
    "__proto__",
    "",
  ])("%j is not known", (name) => {
    expect(findGgufName(name).isKnown).toBe(false);
  });

  test("numbers beyond the layer's mark one of many", () => {
    expect(findGgufName("model.layers.0.mlp.experts.5.up_proj.weight").isOneOfMany).toBe(true);
    expect(findGgufName("model.layers.0.mlp.up_proj.weight").isOneOfMany).toBe(false);
  });

  test("no name makes it throw", () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom("model", "layers", "0", "encoder", "block", "weight"),
    );
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        expect(typeof findGgufName(segments.join(".")).name).toBe("string");
      }),
    );
  });
});
