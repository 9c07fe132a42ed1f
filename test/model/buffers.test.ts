import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { findBuffers } from "../../src/model/buffers.ts";

interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

const isBuffer = (tensor: Stored, others: readonly Stored[] = [], modelType: string | null = null) =>
  findBuffers(
    [tensor, ...others],
    modelType === null ? null : buildConfig({ model_type: modelType }),
  )(tensor) !== null;

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
  ["facebook/bart-large-cnn", "final_logits_bias", [1, 50264], "F32"],
  ["MiniMaxAI/MiniMax-Text-01-hf", "model.layers.0.self_attn.diagonal_decay", [1, 64, 256, 256], "F32"],
  ["facebook/mask2former-swin-base-coco-panoptic", "criterion.empty_weight", [134], "F32"],
  ["microsoft/Phi-4-multimodal-instruct", "audio.encoder_embedding.global_mean", [80], "F32"],
  ["swiss-ai/Apertus-8B-2509", "model.layers.0.mlp.act_fn.beta", [], "BF16"],
  ["unsloth/DeepSeek-V3-0324-GGUF", "blk.3.exp_probs_b.bias", [256], "F32"],
  ["stable-diffusion-v1-5", "alphas_cumprod_prev", [1000], "F32"],
  ["stable-diffusion-v1-5", "sqrt_one_minus_alphas_cumprod", [1000], "F32"],
  ["stable-diffusion-xl-base-1.0", "denoiser.sigmas", [1000], "F32"],
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
  ["layer normalization of old checkpoints", "bert.embeddings.LayerNorm.beta", [768], "F32"],
  ["an embedding without averages", "token.embed", [1024, 128], "F32"],
  ["a scale alone", "layer.scale", [512], "F32"],
  ["a learned schedule", "model.betas", [1000], "F32"],
  ["an alpha without a LoRA", "snake.alpha", [1], "F32"],
])("%s: %s is a weight", (_what, name, shape, dtype) => {
  expect(isBuffer({ name, shape, dtype })).toBe(false);
});

const row = (name: string, ...shape: readonly number[]) => ({ name, shape, dtype: "F32" });

test.each([
  [
    "facebook/encodec_24khz",
    row("quantizer.layers.0.codebook.embed", 1024, 128),
    row("quantizer.layers.0.codebook.embed_avg", 1024, 128),
  ],
  [
    "kyutai/mimi",
    row("quantizer.layers.0.codebook.initialized", 1),
    row("quantizer.layers.0.codebook.cluster_usage", 2048),
  ],
  ["microsoft/speecht5_hifigan", row("mean", 80), row("scale", 80)],
  [
    "a LoRA of kohya-ss/sd-scripts",
    row("lora_unet_mid.alpha"),
    row("lora_unet_mid.lora_down.weight", 8, 320),
  ],
])("%s: a buffer because of its neighbor", (_model, tensor, neighbor) => {
  expect(isBuffer(tensor, [neighbor])).toBe(true);
  expect(isBuffer(tensor)).toBe(false);
});

test("facebook/detr-resnet-50: frozen batch normalization is a buffer, by architecture", () => {
  const weight = row("model.backbone.conv_encoder.model.layer1.0.bn1.weight", 64);
  const mean = row("model.backbone.conv_encoder.model.layer1.0.bn1.running_mean", 64);
  const batches = row("model.backbone.conv_encoder.model.layer1.0.bn1.num_batches_tracked");
  expect(isBuffer(weight, [mean], "detr")).toBe(true);
  expect(isBuffer(weight, [mean, batches], "detr")).toBe(false);
  expect(isBuffer(weight, [mean], "resnet")).toBe(false);
  expect(
    isBuffer(row("model.input_proj.weight", 64), [row("model.input_proj.running_mean", 64)], "detr"),
  ).toBe(false);
});

test("the bias of a router is a parameter in some architectures", () => {
  const bias = row("model.layers.1.mlp.moe_statics.e_score_correction_bias", 1, 64);
  expect(isBuffer(bias, [], "ernie4_5_moe")).toBe(false);
  expect(isBuffer(bias, [], "laguna")).toBe(false);
  expect(isBuffer(bias, [], "glm4_moe")).toBe(true);
});

test.each([
  ["ibert", "ibert.encoder.layer.0.output.dense.weight_integer", true],
  ["roberta", "roberta.encoder.layer.0.output.dense.weight_integer", false],
  ["deepseek_v4", "layers.3.ffn.gate.bias", true],
  ["sam2", "shared_image_embedding.positional_embedding", true],
  ["clip", "vision.positional_embedding", false],
])("%s: %s is a buffer: %j", (modelType, name, expected) => {
  expect(isBuffer(row(name, 8, 8), [], modelType)).toBe(expected);
});
