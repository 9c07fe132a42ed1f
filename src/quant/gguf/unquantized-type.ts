import type { BlockType } from "../../format/gguf/block-types.ts";
import { isUntil } from "./eras.ts";
import type { GgufOptions } from "./kind-rules.ts";
import type { GgufTensor } from "./tensors.ts";

/**
 * Matrices that stay unquantized, because they are small and sensitive. The converter writes some of them in full
 * precision, others in half.
 * Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_model_quantize_impl) and convert_hf_to_gguf.py.
 */
const FULL_PRECISION =
  /_norm\.weight$|ffn_gate_inp|position_embd|token_types|ssm_conv1d|shortconv\.conv|altup_\w+_coef/;
const HALF_PRECISION = /altup|laurel|per_layer_model_proj|attn_rel_b/;

/** Choose the type of an unquantized tensor; null for a quantized one. */
export function chooseUnquantizedType(
  { name, dimensions, isMxfp4 }: GgufTensor,
  { fileType, era, isFromF32 }: GgufOptions,
): BlockType | null {
  if (isMxfp4) return "MXFP4";
  if (fileType === "F32" || dimensions.length < 2 || !name.endsWith(".weight")) return "F32";
  if (name === "position_embd.weight" && isUntil(era, "2024-03") && !isFromF32) return "F16";
  // The router of Mixtral-8x7B.
  if (name.endsWith("ffn_gate_inp.weight") && era === "2023") return "F16";
  if (FULL_PRECISION.test(name)) return "F32";
  if (fileType === "F16" || fileType === "BF16") return fileType;
  return HALF_PRECISION.test(name) ? "F16" : null;
}
