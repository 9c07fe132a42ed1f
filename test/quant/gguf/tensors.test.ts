import { describe, expect, test } from "vitest";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { buildConfig, type JsonObject } from "../../../src/format/config.ts";
import { classifyRole } from "../../../src/model/roles.ts";
import { layOutTensors } from "../../../src/quant/gguf/tensors.ts";

/** GGUF names with the dimensions GGUF writes, row length first, of a model with an embedding and these tensors. */
function layOut(
  root: JsonObject,
  shapes: Readonly<Record<string, readonly number[]>>,
): Record<string, readonly number[]> {
  const weights = Object.entries({ "model.embed_tokens.weight": [100, 64], ...shapes }).map(
    ([name, shape]) => ({
      name,
      shape,
      dtype: "BF16",
      role: classifyRole(name),
      parameters: 0,
    }),
  );
  const layout = layOutTensors({ weights, config: buildConfig(root) });
  if (isUnknown(layout)) throw new Error(layout.reason);
  const others = layout.tensors.filter(({ name }) => name !== "token_embd.weight");
  return Object.fromEntries(others.map(({ name, dimensions }) => [name, dimensions]));
}

describe("layOutTensors", () => {
  test("stacks experts", () => {
    expect(
      layOut(
        {},
        {
          "model.layers.0.mlp.experts.0.up_proj.weight": [32, 64],
          "model.layers.0.mlp.experts.1.up_proj.weight": [32, 64],
          "model.layers.0.mlp.experts.2.up_proj.weight": [32, 64],
        },
      ),
    ).toEqual({ "blk.0.ffn_up_exps.weight": [64, 32, 3] });
  });

  test("refuses experts of different shapes", () => {
    expect(() =>
      layOut(
        {},
        {
          "model.layers.0.mlp.experts.0.up_proj.weight": [32, 64],
          "model.layers.0.mlp.experts.1.up_proj.weight": [48, 64],
        },
      ),
    ).toThrow("would both be blk.0.ffn_up_exps.weight");
  });

  test.each([
    ["outputs first, as in gpt-oss", [3, 96, 64], [3, 64, 48]],
    ["inputs first, as in Llama 4", [3, 64, 96], [3, 48, 64]],
  ])("splits gate and up: %s", (_what, gateUp, down) => {
    expect(
      layOut(
        { hidden_size: 64 },
        {
          "model.layers.0.mlp.experts.gate_up_proj": gateUp,
          "model.layers.0.mlp.experts.gate_up_proj_bias": [3, 96],
          "model.layers.0.mlp.experts.down_proj": down,
        },
      ),
    ).toEqual({
      "blk.0.ffn_gate_exps.weight": [64, 48, 3],
      "blk.0.ffn_up_exps.weight": [64, 48, 3],
      "blk.0.ffn_gate_exps.bias": [48, 3],
      "blk.0.ffn_up_exps.bias": [48, 3],
      "blk.0.ffn_down_exps.weight": [48, 64, 3],
    });
  });

  test("splits the latent keys and values of DeepSeek", () => {
    expect(
      layOut(
        { qk_nope_head_dim: 128, v_head_dim: 128 },
        { "model.layers.0.self_attn.kv_b_proj.weight": [4096, 512] },
      ),
    ).toEqual({ "blk.0.attn_k_b.weight": [128, 512, 16], "blk.0.attn_v_b.weight": [512, 128, 16] });
  });

  test("splits the interleaved attention of InternLM2", () => {
    expect(
      layOut(
        { num_attention_heads: 32, num_key_value_heads: 8 },
        { "model.layers.0.attention.wqkv.weight": [6144, 4096] },
      ),
    ).toEqual({
      "blk.0.attn_q.weight": [4096, 4096],
      "blk.0.attn_k.weight": [4096, 1024],
      "blk.0.attn_v.weight": [4096, 1024],
    });
  });

  test("turns the linear layers of GPT-2", () => {
    expect(layOut({ model_type: "gpt2" }, { "h.0.attn.c_attn.weight": [768, 2304] })).toEqual({
      "blk.0.attn_qkv.weight": [768, 2304],
    });
  });

  test("leaves out layers that guess ahead, and what is no part of the language model", () => {
    expect(
      layOut(
        { num_hidden_layers: 1 },
        {
          "model.layers.0.mlp.down_proj.weight": [64, 128],
          "model.layers.1.mlp.down_proj.weight": [64, 128], // deepseek-ai/DeepSeek-V3, layer 61
          "mtp.fc.weight": [64, 128],
          "model.visual.blocks.0.mlp.fc1.weight": [64, 128],
          "pooler.dense.weight": [64, 64],
        },
      ),
    ).toEqual({ "blk.0.ffn_down.weight": [128, 64] });
  });

  test("adds the factors of long contexts", () => {
    expect(layOut({ head_dim: 128, rope_scaling: { rope_type: "llama3" } }, {})).toEqual({
      "rope_freqs.weight": [64],
    });
    expect(layOut({ rope_scaling: { type: "longrope", long_factor: [1, 2, 3] } }, {})).toEqual({
      "rope_factors_long.weight": [3],
      "rope_factors_short.weight": [3],
    });
    expect(layOut({ rope_scaling: { type: "yarn", factor: 4 } }, {})).toEqual({});
  });

  test("tells the norms of Gemma 2 apart", () => {
    const norms = ["input", "post_attention", "pre_feedforward", "post_feedforward"];
    const shapes = Object.fromEntries(norms.map((norm) => [`model.layers.0.${norm}_layernorm.weight`, [64]]));
    expect(Object.keys(layOut({}, shapes))).toEqual([
      "blk.0.attn_norm.weight",
      "blk.0.ffn_norm.weight",
      "blk.0.post_attention_norm.weight",
      "blk.0.post_ffw_norm.weight",
    ]);
  });
});
