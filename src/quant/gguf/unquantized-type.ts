import type { Config } from "../../format/config.ts";
import { isModelType } from "../../model/architectures.ts";
import type { BlockType } from "../../format/gguf/block-types.ts";
import type { FileType } from "./file-types.ts";
import type { GgufTensor } from "./tensors.ts";

/**
 * Matrices that are not quantized, because they are small and errors in them are not. The converter writes some of
 * them in full precision, others in half.
 * Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_model_quantize_impl) and convert_hf_to_gguf.py.
 */
const FULL_PRECISION =
  /_norm\.weight$|ffn_gate_inp|position_embd|token_types|ssm_conv1d|shortconv\.conv|altup_\w+_coef/;
const HALF_PRECISION = /altup|laurel|per_layer_model_proj|attn_rel_b/;

/** The type of a tensor that is not quantized; null for the others. */
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
 * The files of BERT embedding models that people have, Ollama's among them, were converted when llama.cpp learned BERT,
 * in early 2024; second-state/All-MiniLM-L6-v2-Embedding-GGUF is one. Rerankers came later.
 */
export function isEarlyBert(config: Config | null): boolean {
  return isModelType(config, "bert") && config?.architecture !== "BertForSequenceClassification";
}
