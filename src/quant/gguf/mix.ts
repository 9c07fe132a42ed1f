/**
 * Choose the block type of each tensor in a mixed file. Tools spend more bits where errors hurt: on the head, on values,
 * on the first and last layers. Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_tensor_get_type).
 */
import { fitsRows, type BlockType } from "../../format/gguf/block-types.ts";
import { MAIN_TYPES, type FileType } from "./file-types.ts";
import { eighth } from "../depth.ts";
import { isUntil, type LlamaCppEra } from "./eras.ts";
import {
  chooseByKind,
  TENSOR_KINDS,
  type GgufOptions,
  type TensorKind,
  type TensorTraits,
} from "./kind-rules.ts";
import type { ModelTraits } from "./model-traits.ts";

/** Return the kind of a tensor, which decides its rules and its number among others. */
export function classifyTensorKind(name: string, era: LlamaCppEra): TensorKind | null {
  // One tensor per expert, as Mixtral-8x7B had in 2023, is without a rule: `blk.0.ffn_down.0.weight`.
  if (era === "2023" && /\.ffn_\w+\.\d+\.weight$/.test(name)) return null;
  const kind = TENSOR_KINDS.find((candidate) => name.includes(candidate)) ?? null;
  return kind === "attn_qkv.weight" && era === "2026" ? "attn_v.weight" : kind;
}

/** Choose the block type of a tensor that is quantized at all. */
export function chooseBlockType(options: GgufOptions, model: ModelTraits, tensor: TensorTraits): BlockType {
  return fitToRows(chooseByRule(options, model, tensor), tensor.columns, options.era);
}

function chooseByRule(options: GgufOptions, model: ModelTraits, tensor: TensorTraits): BlockType {
  const { fileType, embeddingType, headType, era } = options;
  const isEmbedding = tensor.name === "token_embd.weight";
  const isPerLayer = tensor.name === "per_layer_token_embd.weight";
  const chosen = options.chosenTypes.get(tensor.name.replace(/^blk\.\d+\.|\.weight$/g, ""));
  if (chosen !== undefined) return chosen;
  // Until March 2024 a tied embedding was an embedding only: gemma-2b-it of second-state. Since 2026 that per layer is
  // as the tied one: gemma-4-E2B-it.
  const isTied =
    (isEmbedding && !model.hasHead && !isUntil(era, "2024-02")) ||
    (isPerLayer && !model.hasHead && era === "2026");
  const isHead = tensor.name === "output.weight" || isTied;
  if (isEmbedding && embeddingType !== null) return embeddingType;
  if (isHead && headType !== null) return headType;
  if (isHead) return chooseHead(fileType, model, tensor);
  if (fileType === "MXFP4_MOE") return tensor.isExperts ? "MXFP4" : "Q8_0";
  const main = MAIN_TYPES[fileType];
  if (isEmbedding || isPerLayer) return EMBEDDINGS[fileType] ?? main;

  const kind = classifyTensorKind(tensor.name, era);
  if (kind === null) return main;
  if (isLowBit(fileType)) return chooseLowBit(fileType, kind, { model, tensor }) ?? main;
  return chooseByKind(kind, options, { model, tensor }) ?? main;
}

/** Replace a type that does not divide the rows: rows of SmolLM2-135M are 576 = 2.25 × 256. */
function fitToRows(type: BlockType, columns: number, era: LlamaCppEra): BlockType {
  if (fitsRows(type, columns)) return type;
  // In 2023, 3 bits became Q4_1: the 3,200 columns of openlm-research/open_llama_3b.
  const substitute = era === "2023" && type === "Q3_K" ? "Q4_1" : (SUBSTITUTES[type] ?? "IQ4_NL");
  return fitsRows(substitute, columns) ? substitute : "F16";
}

const SUBSTITUTES: Partial<Record<BlockType, BlockType>> = { Q6_K: "Q8_0", Q5_K: "Q5_1", Q4_K: "Q5_0" };

const LOW_BIT = ["IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"] as const;

type LowBit = (typeof LOW_BIT)[number];

function isLowBit(fileType: FileType): fileType is LowBit {
  return (LOW_BIT as readonly FileType[]).includes(fileType);
}

function chooseHead(fileType: FileType, model: ModelTraits, { columns }: TensorTraits): BlockType {
  const main = MAIN_TYPES[fileType];
  if (fileType === "MXFP4_MOE" || main === "Q8_0") return "Q8_0";
  if (model.isFalcon || !fitsRows(main, columns)) return "Q8_0";
  return isLowBit(fileType) || fileType === "IQ3_XXS" ? "Q5_K" : "Q6_K";
}

/** Types of the embedding, where it does not have the main type of the file. */
const EMBEDDINGS: Partial<Record<FileType, BlockType>> = {
  IQ1_S: "Q2_K",
  IQ1_M: "Q2_K",
  IQ2_XXS: "Q2_K",
  IQ2_XS: "Q2_K",
  IQ2_S: "IQ3_S",
  IQ2_M: "IQ3_S",
  IQ3_XXS: "IQ3_S",
  TQ1_0: "Q4_K",
  TQ2_0: "Q4_K",
};

function chooseLowBit(
  fileType: LowBit,
  kind: TensorKind,
  { model, tensor }: { readonly model: ModelTraits; readonly tensor: TensorTraits },
): BlockType | null {
  const is2S = fileType === "IQ2_S" || fileType === "IQ2_M";
  const better = is2S ? "IQ3_S" : "Q2_K";
  switch (kind) {
    case "attn_v.weight":
      return model.gqaRatio >= 4 || model.experts >= 4 ? "Q4_K" : better;
    case "attn_k.weight":
      return model.experts === 8 ? "Q4_K" : null;
    case "ffn_down":
      return tensor.index < eighth(model.layers) ? better : null;
    case "attn_output.weight":
      if (model.experts === 8) return "Q5_K";
      if (is2S) return "IQ3_S";
      return fileType === "IQ1_S" || fileType === "IQ1_M" ? "IQ2_XXS" : null;
    default:
      return null;
  }
}
