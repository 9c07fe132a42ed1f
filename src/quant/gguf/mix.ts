import { fitsRows, type BlockType } from "../../format/gguf/block-types.ts";
import { MAIN_TYPES, type FileType } from "./file-types.ts";
import {
  eighth,
  TENSOR_KINDS,
  KIND_RULES,
  type ModelTraits,
  type TensorKind,
  type TensorTraits,
  type GgufOptions,
} from "./kind-rules.ts";

/**
 * Which block type each tensor of a mixed file gets. Tools spend more bits where errors hurt: on the head, on values,
 * on the first and last layers. Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_tensor_get_type).
 */

export function classifyTensorKind(name: string): TensorKind | null {
  return TENSOR_KINDS.find((part) => name.includes(part)) ?? null;
}

/** The block type of a tensor that is quantized at all. */
export function chooseBlockType(recipe: GgufOptions, model: ModelTraits, tensor: TensorTraits): BlockType {
  return fitToRows(chooseByRule(recipe, model, tensor), tensor.columns);
}

function chooseByRule(recipe: GgufOptions, model: ModelTraits, tensor: TensorTraits): BlockType {
  const { fileType, headType } = recipe;
  const isEmbedding = tensor.name === "token_embd.weight";
  const isHead = tensor.name === "output.weight" || (isEmbedding && !model.hasHead);
  if ((isHead || isEmbedding) && headType !== null) return headType;
  if (isHead) return chooseHead(fileType, model, tensor);
  if (fileType === "MXFP4_MOE") return tensor.isStack ? "MXFP4" : "Q8_0";
  if (isEmbedding || tensor.name === "per_layer_token_embd.weight") return chooseEmbedding(fileType);

  const part = classifyTensorKind(tensor.name);
  const main = MAIN_TYPES[fileType];
  if (part === null) return main;
  if (isLowBit(fileType)) return chooseLowBit(fileType, part, model, tensor) ?? main;
  return KIND_RULES[part](recipe, model, tensor) ?? main;
}

/** A type that does not divide the rows gives way to one that does: rows of SmolLM2-135M are 576 = 2.25 × 256. */
function fitToRows(type: BlockType, columns: number): BlockType {
  if (fitsRows(type, columns)) return type;
  const substitute = SUBSTITUTES.get(type) ?? "IQ4_NL";
  return fitsRows(substitute, columns) ? substitute : "F16";
}

const SUBSTITUTES: ReadonlyMap<BlockType, BlockType> = new Map([
  ["Q6_K", "Q8_0"],
  ["Q5_K", "Q5_1"],
  ["Q4_K", "Q5_0"],
]);

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

function chooseEmbedding(fileType: FileType): BlockType {
  switch (fileType) {
    case "IQ1_S":
    case "IQ1_M":
    case "IQ2_XXS":
    case "IQ2_XS":
      return "Q2_K";
    case "IQ2_S":
    case "IQ2_M":
    case "IQ3_XXS":
      return "IQ3_S";
    case "TQ1_0":
    case "TQ2_0":
      return "Q4_K";
    default:
      return MAIN_TYPES[fileType];
  }
}

function chooseLowBit(
  fileType: LowBit,
  part: TensorKind,
  model: ModelTraits,
  { index }: TensorTraits,
): BlockType | null {
  const is2S = fileType === "IQ2_S" || fileType === "IQ2_M";
  const better = is2S ? "IQ3_S" : "Q2_K";
  switch (part) {
    case "attn_v.weight":
      return model.gqaRatio >= 4 || model.experts >= 4 ? "Q4_K" : better;
    case "attn_k.weight":
      return model.experts === 8 ? "Q4_K" : null;
    case "ffn_down":
      return index < eighth(model.layers) ? better : null;
    case "attn_output.weight":
      if (model.experts === 8) return "Q5_K";
      if (is2S) return "IQ3_S";
      return fileType === "IQ1_S" || fileType === "IQ1_M" ? "IQ2_XXS" : null;
    default:
      return null;
  }
}
