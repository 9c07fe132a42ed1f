import type { Config } from "../format/config.ts";
import type { Tensor } from "../format/tensor.ts";
import { listArchitectures } from "./architectures.ts";

type StoredArray = Pick<Tensor, "name" | "shape" | "dtype">;

/** torch refuses gradients for integers, so they cannot be trained. */
export const INTEGER_DTYPES: ReadonlySet<string> = new Set([
  "BOOL",
  "I8",
  "U8",
  "I16",
  "U16",
  "I32",
  "U32",
  "I64",
  "U64",
]);

/**
 * Last segments of names of floating-point tensors that torch keeps as buffers, each with a model that stores it.
 * Their shapes are those of weights.
 */
const BUFFER_NAMES: ReadonlySet<string> = new Set([
  "inv_freq", // rotary frequencies: meta-llama/Llama-2-7b-hf
  "original_inv_freq",
  "cos_cached", // older remote-code models: Qwen/Qwen-7B
  "sin_cached",
  "masked_bias", // openai-community/gpt2-medium, EleutherAI/gpt-neo-125m
  "position_ids", // stored as floating point by a few converters
  "running_mean", // batch normalization: microsoft/resnet-50
  "running_var",
  "num_batches_tracked",
  "layer_scalar", // google/gemma-4-31B-it
  "std_bias", // google/gemma-4-31B-it, vision tower
  "std_scale",
  "input_max", // google/gemma-4-E2B-it, audio tower
  "input_min",
  "output_max",
  "output_min",
  "balancing_biases", // Zyphra/ZAYA1-base
  "router_bias", // stepfun-ai/Step-3.5-Flash
  "final_logits_bias", // facebook/bart-large-cnn, Helsinki-NLP/opus-mt-zh-en
  "slope_rate", // MiniMaxAI/MiniMax-Text-01-hf
  "query_decay",
  "key_decay",
  "diagonal_decay",
  "empty_weight", // weights of the classes in a loss: facebook/mask2former-swin-base-coco-panoptic
  "attn_mask_probs", // tue-mps/coco_panoptic_eomt_large_640
  "num_points_scale", // ustc-community/dfine-small-coco
  "n_points_scale", // PekingU/rtdetr_v2_r18vd
  "pos_idx_to_embed", // florence-community/Florence-2-base
  "norm_mean", // of images: nvidia/C-RADIOv2-H
  "norm_std",
  "global_mean", // of mel spectra: microsoft/Phi-4-multimodal-instruct
  "global_invstd",
]);

/** Moving averages of the vectors of a codebook: facebook/encodec_24khz, kyutai/mimi. */
const CODEBOOK_AVERAGES = [
  "embed_avg",
  "embed_sum",
  "embedding_sum",
  "cluster_size",
  "cluster_usage",
] as const;

/** Buffers where such an average is in the same module; elsewhere the names are too common. */
const CODEBOOK_PARTS: ReadonlySet<string> = new Set([
  ...CODEBOOK_AVERAGES,
  "embed",
  "inited",
  "initted",
  "initialized",
  "_initialized",
]);

/** The matrices of an adapter whose module also stores its scale as `alpha`: kohya-ss/sd-scripts, LyCORIS. */
const SCALED_BY_ALPHA = [
  "lora_down.weight",
  "lora_A.weight",
  "lora_mid.weight",
  "hada_w1_a",
  "lokr_w1",
  "lokr_w1_a",
  "oft_blocks",
  "oft_diag",
  "a1.weight",
] as const;

/** Noise schedules of single-file diffusion checkpoints: stable-diffusion-v1-5, and `denoiser.sigmas` of SDXL. */
const NOISE_SCHEDULE =
  /^(?:betas|\w*alphas_cumprod\w*|posterior_\w+|lvlb_weights|logvar|scale_factor|(?:denoiser\.)?(?:log_)?sigmas|model_ema\.decay)$/;

/** Constants of the activation of swiss-ai/Apertus-8B-2509. */
const ACTIVATION_CONSTANT = /(?:^|\.)act_fn\.(?:beta|eps)$/;

/** Names of causal masks: `h.0.attn.bias` of openai-community/gpt2 is [1, 1, 1024, 1024]. */
const MASK_NAME = /(?:^|\.)(?:attn|attention)\.bias$/;

/** GGUF keeps rotary frequencies as tensors: `rope_freqs.weight` of Llama 3.1, `rope_factors_long.weight` of Phi-3. */
const GGUF_ROTARY = /^(?:blk\.\d+\.)?rope_(?:freqs|factors_long|factors_short)\.weight$/;

/** The balance of a router: deepseek-ai/DeepSeek-V3, and its GGUF files. */
const ROUTER_BALANCE = /(?:(?:^|\.)e_score_correction_bias|^blk\.\d+\.exp_probs_b(?:\.bias)?)$/;

/** Where detectors keep their convolutional backbone. */
const BACKBONE = /backbone|conv_encoder|(?:^|\.)embedder\.|\.stages\./;

/** `named` by its name alone; `known` by its architecture, or by what is stored next to it. */
type BufferEvidence = "named" | "known";

/**
 * Return a function that finds out why a stored tensor is a buffer, such as integers, causal masks, rotary frequencies and
 * moving averages; null for a weight.
 */
export function findBuffers(
  tensors: readonly StoredArray[],
  config: Config | null,
): (tensor: StoredArray) => BufferEvidence | null {
  let names: ReadonlySet<string> | null = null; // few names ask for others
  const architectures = listArchitectures(config);
  const ownBuffers = architectures.flatMap(({ buffers = [] }) => buffers);
  const hasTrainedBalance = architectures.some((row) => row.hasTrainedRouterBalance);
  const hasFrozenBackbone = architectures.some((row) => row.hasFrozenBackbone);

  const isKnown = (name: string, shape: readonly number[]): boolean => {
    const leaf = name.slice(name.lastIndexOf(".") + 1);
    const module = name.slice(0, name.length - leaf.length);
    const hasSibling = (other: string) => {
      names ??= new Set(tensors.map((tensor) => tensor.name));
      return names.has(module + other);
    };
    if (ownBuffers.some((own) => name === own || name.endsWith(`.${own}`))) return true;
    if (CODEBOOK_PARTS.has(leaf)) return CODEBOOK_AVERAGES.some(hasSibling);
    if (leaf === "alpha") return shape.every((size) => size === 1) && SCALED_BY_ALPHA.some(hasSibling);
    // Mean and scale of mel spectra: microsoft/speecht5_hifigan.
    if (leaf === "mean" || leaf === "scale")
      return shape.length === 1 && hasSibling("mean") && hasSibling("scale") && !hasSibling("weight");
    // Batch normalization that counts no batches: facebook/detr-resnet-50.
    if (hasFrozenBackbone && (leaf === "weight" || leaf === "bias") && BACKBONE.test(name))
      return hasSibling("running_mean") && !hasSibling("num_batches_tracked");
    return false;
  };
  return (tensor) => {
    const { name, shape, dtype } = tensor;
    if (isKnown(name, shape)) return "known";
    if (INTEGER_DTYPES.has(dtype)) return "named";
    if (ROUTER_BALANCE.test(name)) return hasTrainedBalance ? null : "named";
    const isNamed =
      BUFFER_NAMES.has(name.slice(name.lastIndexOf(".") + 1)) ||
      [NOISE_SCHEDULE, ACTIVATION_CONSTANT, GGUF_ROTARY].some((pattern) => pattern.test(name)) ||
      isCausalMask(tensor);
    return isNamed ? "named" : null;
  };
}

function isCausalMask({ name, shape }: StoredArray): boolean {
  const [first, second, rows, columns] = shape;
  return MASK_NAME.test(name) && shape.length === 4 && first === 1 && second === 1 && rows === columns;
}
