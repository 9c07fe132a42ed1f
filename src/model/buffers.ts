import type { Tensor } from "../format/tensor.ts";

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
  "e_score_correction_bias", // router balance: deepseek-ai/DeepSeek-V3
]);

/** Names of causal masks: `h.0.attn.bias` of openai-community/gpt2 is [1, 1, 1024, 1024]. */
const MASK_NAME = /(?:^|\.)(?:attn|attention)\.bias$/;

/** GGUF keeps rotary frequencies as tensors: `rope_freqs.weight` of Llama 3.1, `rope_factors_long.weight` of Phi-3. */
const GGUF_ROTARY = /^(?:blk\.\d+\.)?rope_(?:freqs|factors_long|factors_short)\.weight$/;

/** True for a stored tensor that is not a weight: integers and booleans, causal masks, rotary frequencies … */
export function isBuffer(tensor: Pick<Tensor, "name" | "shape" | "dtype">): boolean {
  if (INTEGER_DTYPES.has(tensor.dtype)) return true;
  if (BUFFER_NAMES.has(tensor.name.slice(tensor.name.lastIndexOf(".") + 1))) return true;
  if (GGUF_ROTARY.test(tensor.name)) return true;
  const [first, second, rows, columns] = tensor.shape;
  return (
    MASK_NAME.test(tensor.name) &&
    tensor.shape.length === 4 &&
    first === 1 &&
    second === 1 &&
    rows === columns
  );
}
