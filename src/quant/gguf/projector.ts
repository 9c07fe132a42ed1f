/** Predict the second file of a multimodal GGUF model: its towers and projector, as `mmproj-*.gguf`. */
import { countElements } from "../../format/tensor.ts";
import type { Weight } from "../../model/weight.ts";
import type { LogicalModel } from "../scheme.ts";
import { isProjectorWeight } from "./tensors.ts";

/** Magic number and counts, and some forty entries about the tower: 13,056 bytes with the tensors of SmolVLM-500M. */
const METADATA_BYTES = 2_048;

/** A name such as `v.blk.11.attn_out.weight`, with its length, count of dimensions, type and offset. */
const TENSOR_HEADER_BYTES = 24 + 24;

/**
 * Predict the bytes of the projector file in F16, which llama.cpp, Ollama and LM Studio download with the model; null for
 * a model of text alone. Source: ggml-org/llama.cpp, conversion/base.py (MmprojModel).
 */
export function predictProjectorBytes({ weights }: LogicalModel): number | null {
  const own = weights.filter(isProjectorWeight);
  if (own.length === 0) return null;
  let bytes = METADATA_BYTES;
  for (const weight of own) {
    bytes += TENSOR_HEADER_BYTES + 8 * weight.shape.length;
    bytes += Math.ceil(((countElements(weight.shape) ?? 0) * chooseWidth(weight)) / 32) * 32;
  }
  return bytes;
}

/** Choose the bytes per weight: vectors, norms and positions stay in 32 bits, matrices are in 16. */
function chooseWidth({ name, shape }: Weight): 2 | 4 {
  if (shape.length < 2 || /norm\w*\.weight$/.test(name)) return 4;
  if (/pos(?:ition)?_embed/.test(name)) return 4;
  // google/gemma-3-4b-it, whose projection lacks the usual ending and yet is in 16 bits.
  if (!name.endsWith("weight")) return 4;
  // Gemma 3 and SmolVLM keep the patches in 32 bits, Qwen2.5-VL in 16.
  return /\.embeddings\.patch_embed/.test(name) ? 4 : 2;
}
