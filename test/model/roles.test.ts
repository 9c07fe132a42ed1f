import { describe, expect, test } from "vitest";
import { buildRoleClassifier, classifyRole } from "../../src/model/roles.ts";
import { ROLES, type Role } from "../../src/contract/terms.ts";
import { readRealModels } from "../hub/real-models.ts";
import { examineReal } from "./real-models.ts";

test.each([
  // Norms, whatever they stand in.
  ["bigscience/bloom", "transformer.word_embeddings_layernorm.weight", "norm"],
  ["facebook/bart-base", "encoder.layernorm_embedding.weight", "norm"],
  ["openai-community/gpt2", "ln_f.weight", "norm"],
  ["bert-base-uncased", "bert.encoder.layer.0.attention.output.LayerNorm.weight", "norm"],
  ["mosaicml/mpt-7b", "transformer.blocks.0.norm_1.weight", "norm"],
  ["Qwen/Qwen3-0.6B", "model.layers.0.self_attn.q_norm.weight", "norm"],
  ["deepseek-ai/DeepSeek-V3", "model.layers.0.self_attn.kv_a_layernorm.weight", "norm"],
  // Embeddings.
  ["google/gemma-2b", "model.embed_tokens.weight", "embedding"],
  ["openai-community/gpt2", "wpe.weight", "embedding"],
  ["google-t5/t5-base", "shared.weight", "embedding"],
  ["openai/whisper-base", "model.decoder.embed_positions.weight", "embedding"],
  ["google/gemma-3n-E2B-it", "model.language_model.embed_tokens_per_layer.weight", "embedding"],
  ["state-spaces/mamba-130m-hf", "backbone.embeddings.weight", "embedding"],
  ["microsoft/deberta-v3-base", "deberta.encoder.rel_embeddings.weight", "embedding"],
  ["albert/albert-base-v2", "albert.encoder.embedding_hidden_mapping_in.weight", "embedding"],
  // Attention.
  ["google-t5/t5-base", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", "attention"],
  ["bert-base-uncased", "bert.encoder.layer.0.attention.output.dense.weight", "attention"],
  ["bigscience/bloom", "transformer.h.0.self_attention.dense.weight", "attention"],
  ["openai/gpt-oss-20b", "model.layers.0.self_attn.sinks", "attention"],
  // Feed-forward layers.
  ["bert-base-uncased", "bert.encoder.layer.0.output.dense.weight", "mlp"],
  ["google-t5/t5-base", "encoder.block.0.layer.1.DenseReluDense.wi.weight", "mlp"],
  ["facebook/opt-125m", "model.decoder.layers.0.fc1.weight", "mlp"],
  ["deepseek-ai/DeepSeek-V2-Lite", "model.layers.1.mlp.shared_experts.up_proj.weight", "mlp"],
  ["stable-diffusion-v1-5", "unet.down_blocks.0.attentions.0.transformer_blocks.0.ff.net.2.weight", "mlp"],
  [
    "stable-diffusion-v1-5",
    "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight",
    "attention",
  ],
  ["stable-diffusion-v1-5", "unet.down_blocks.0.attentions.0.proj_out.weight", "attention"],
  // Mixtures of experts.
  ["mistralai/Mixtral-8x7B-v0.1", "model.layers.0.block_sparse_moe.experts.7.w1.weight", "experts"],
  ["mistralai/Mixtral-8x7B-v0.1", "model.layers.0.block_sparse_moe.gate.weight", "router"],
  ["openai/gpt-oss-20b", "model.layers.0.mlp.experts.gate_up_proj_bias", "experts"],
  ["openai/gpt-oss-20b", "model.layers.0.mlp.router.weight", "router"],
  ["Qwen/Qwen1.5-MoE-A2.7B", "model.layers.0.mlp.shared_expert_gate.weight", "router"],
  ["ibm-granite/granite-3.0-1b-a400m-base", "model.layers.0.block_sparse_moe.input_linear.weight", "experts"],
  // Heads.
  ["meta-llama/Llama-2-7b-hf", "lm_head.weight", "head"],
  ["bert-base-uncased", "bert.pooler.dense.weight", "head"],
  ["bert-base-uncased", "cls.predictions.transform.dense.weight", "head"],
  ["distilbert-base-uncased", "vocab_transform.weight", "head"],
  ["answerdotai/ModernBERT-base", "head.dense.weight", "head"],
  ["openai/whisper-base", "proj_out.weight", "head"],
  ["openai/clip-vit-large-patch14", "text_projection.weight", "head"],
  ["internlm/internlm2-7b", "output.weight", "head"],
  // Towers come before what is inside them.
  ["openai/clip-vit-large-patch14", "vision_model.encoder.layers.0.mlp.fc1.weight", "vision"],
  ["openai/clip-vit-large-patch14", "visual_projection.weight", "vision"],
  ["google/gemma-3-4b-it", "multi_modal_projector.mm_soft_emb_norm.weight", "vision"],
  ["google/gemma-4-31B-it", "model.embed_vision.embedding_projection.weight", "vision"],
  ["Qwen/Qwen2.5-VL-7B-Instruct", "visual.blocks.0.norm1.weight", "vision"],
  ["openai/whisper-base", "model.encoder.conv1.weight", "audio"],
  ["Qwen/Qwen2.5-Omni-7B", "thinker.audio_tower.layers.0.fc1.weight", "audio"],
  // Adapters.
  ["peft", "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", "adapter"],
  // Nothing tells.
  ["openai/clip-vit-large-patch14", "logit_scale", "other"],
  ["microsoft/resnet-50", "resnet.encoder.stages.0.layers.0.convolution.weight", "other"],
  ["no one", "", "other"],
] satisfies readonly (readonly [string, string, Role])[])("%s: %s is %s", (_model, name, role) => {
  expect(classifyRole(name)).toBe(role);
});

describe("every well-known model", () => {
  /** CLIP's temperature: one number that belongs to neither tower. */
  const unclassified = new Set(["logit_scale"]);

  test("no weight but CLIP's temperature is left over", () => {
    const left = readRealModels()
      .flatMap(({ id }) => examineReal(id).classified.weights)
      .filter(({ role, name }) => role === "other" && !unclassified.has(name));
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  test("norms are vectors", () => {
    const norms = readRealModels()
      .flatMap(({ id }) => examineReal(id).classified.weights)
      .filter(({ role }) => role === "norm");
    expect(norms.filter(({ shape }) => shape.length !== 1).map(({ name }) => name)).toEqual([]);
  });
});

test("long names take no time", { timeout: 1_000 }, () => {
  for (const part of ["a", "a.", "norm", "_", "attn", ".experts", "embedding"])
    expect(ROLES).toContain(classifyRole(`${part.repeat(2e5 / part.length)}!`));
});

test("asking once for all layers gives each tensor its own role", () => {
  const classify = buildRoleClassifier();
  for (const { tensors } of readRealModels())
    for (const [name] of tensors)
      if (classify(name) !== classifyRole(name)) expect(name).toBe("alike in every layer");
});
