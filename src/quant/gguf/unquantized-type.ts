import type { Config } from "../../format/config.ts";
import { isModelType } from "../../model/architectures.ts";
import type { BlockType } from "../../format/gguf/block-types.ts";
import type { FileType } from "./file-types.ts";
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
  fileType: FileType,
  config: Config | null,
): BlockType | null {
  if (isMxfp4) return "MXFP4";
  if (fileType === "F32" || dimensions.length < 2 || !name.endsWith(".weight")) return "F32";
  if (name === "position_embd.weight" && isEarlyBert(config)) return "F16";
  if (FULL_PRECISION.test(name)) return "F32";
  if (fileType === "F16" || fileType === "BF16") return fileType;
  return HALF_PRECISION.test(name) ? "F16" : null;
}

/**
 * True for BERT embedding models: their popular files, Ollama's included, were converted in early 2024, when llama.cpp
 * learned BERT (second-state/All-MiniLM-L6-v2-Embedding-GGUF). Rerankers came later.
 */
export function isEarlyBert(config: Config | null): boolean {
  return isModelType(config, "bert") && config?.architecture !== "BertForSequenceClassification";
}
