import type { BlockType } from "../../format/gguf/block-types.ts";
import { MAIN_TYPES, type FileType } from "./file-types.ts";

/** What a rule may ask of the model. */
export interface ModelTraits {
  readonly layers: number;
  readonly experts: number;
  /** Query heads that share one key and value head. */
  readonly gqaRatio: number;
  /** Tensors that hold values, alone or fused with something. */
  readonly values: number;
  readonly hasHead: boolean;
  readonly isFalcon: boolean;
  readonly is70B: boolean;
}

/** What a rule may ask of a tensor. */
export interface TensorTraits {
  readonly name: string;
  readonly columns: number;
  /** True for the matrices of many experts in one tensor. */
  readonly isStack: boolean;
  /** How many tensors of the same part come before it. */
  readonly index: number;
  readonly layer: number;
}

export interface GgufOptions {
  readonly fileType: FileType;
  readonly imatrix: boolean;
  /** What the publisher chose for embedding and head instead of the rule. */
  readonly headType: BlockType | null;
}

/** The parts of a layer with rules of their own; a name has a part when it contains it, and the first wins. */
export const TENSOR_KINDS = [
  "attn_v.weight",
  "attn_k.weight",
  "attn_q.weight",
  "ffn_down",
  "attn_output.weight",
  "attn_qkv.weight",
  "ffn_gate",
  "ffn_up",
] as const;

export type TensorKind = (typeof TENSOR_KINDS)[number];

/** The type of one part of a layer; null is the main type of the file. */
type KindRule = (recipe: GgufOptions, model: ModelTraits, tensor: TensorTraits) => BlockType | null;

/** Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_tensor_get_type). */
export const KIND_RULES = {
  "attn_v.weight": (recipe, model, tensor) => {
    // Eight experts share one small attention (Mixtral-8x7B), so its values cost next to nothing.
    if (model.experts === 8) return "Q8_0";
    const type = chooseValue(recipe, model, tensor);
    const chosen = type ?? MAIN_TYPES[recipe.fileType];
    return model.is70B && (chosen === "Q3_K" || chosen === "Q4_K") ? "Q5_K" : type;
  },
  "attn_k.weight": ({ fileType }, { experts }) => (experts === 8 ? "Q8_0" : chooseQueryOrKey(fileType)),
  "attn_q.weight": ({ fileType }) => chooseQueryOrKey(fileType),
  ffn_down: chooseDown,
  "attn_output.weight": chooseAttentionOutput,
  // Releases of 2026 treat it as values; those that made the files of Phi-3 and Phi-4 did not.
  "attn_qkv.weight": ({ fileType }) => {
    if (fileType === "Q3_K_M" || fileType === "Q3_K_L" || fileType === "IQ3_M") return "Q4_K";
    if (fileType === "Q4_K_M") return "Q5_K";
    return fileType === "Q5_K_M" ? "Q6_K" : null;
  },
  ffn_gate: chooseGateOrUp,
  ffn_up: chooseGateOrUp,
} satisfies Record<TensorKind, KindRule>;

function chooseValue({ fileType, imatrix }: GgufOptions, model: ModelTraits, { index }: TensorTraits) {
  const isShared = model.gqaRatio >= 4;
  switch (fileType) {
    case "Q2_K":
      return isShared ? "Q4_K" : "Q3_K";
    case "Q2_K_S":
    case "IQ3_XS":
    case "IQ3_S":
      return isShared ? "Q4_K" : null;
    case "IQ3_XXS":
      if (isShared) return "Q4_K";
      return imatrix ? "IQ3_XXS" : "IQ3_S";
    case "IQ3_M":
      return "Q4_K";
    case "Q3_K_M":
      return index < 2 ? "Q5_K" : "Q4_K";
    case "Q3_K_L":
      return "Q5_K";
    case "IQ4_NL":
    case "IQ4_XS":
      return isShared ? "Q5_K" : null;
    case "Q4_K_M":
    case "Q5_K_M":
      return deservesMoreBits(index, model.values) ? "Q6_K" : null;
    case "Q4_K_S":
      return index < 4 ? "Q5_K" : null;
    default:
      return null;
  }
}

function chooseQueryOrKey(fileType: FileType): BlockType | null {
  if (fileType === "IQ3_XS") return "IQ3_XXS";
  return fileType === "IQ3_XXS" ? "IQ2_S" : null;
}

function chooseDown(
  { fileType, imatrix }: GgufOptions,
  model: ModelTraits,
  tensor: TensorTraits,
): BlockType | null {
  const { layers, isFalcon } = model;
  const depth = depthOf(model, tensor);
  const isEarly = depth < eighth(layers);
  const isCritical = deservesMoreBits(depth, layers);
  const isFirst = depth < Math.floor(layers / 16);
  switch (fileType) {
    case "Q2_K":
      return "Q3_K";
    case "Q2_K_S":
      return isEarly ? "Q4_K" : null;
    case "IQ3_XXS":
      if (imatrix) return null;
      return isEarly ? "Q4_K" : "Q3_K";
    case "IQ3_M":
      return isEarly || (model.experts === 8 && isCritical) ? "Q4_K" : null;
    case "Q3_K_M":
      if (isFirst) return "Q5_K";
      return isFalcon && !isCritical ? "Q3_K" : "Q4_K";
    case "Q3_K_L":
      return isFalcon ? "Q4_K" : "Q5_K";
    case "Q4_K_M":
      if (!isFalcon) return isCritical ? "Q6_K" : null;
      if (isFirst) return "Q6_K";
      return isCritical ? "Q5_K" : null;
    case "Q4_K_S":
      return isEarly && !isFalcon ? "Q5_K" : null;
    case "Q5_K_M":
      return isCritical ? "Q6_K" : null;
    case "IQ4_NL":
    case "IQ4_XS":
      return isEarly && !imatrix ? "Q5_K" : null;
    case "Q4_0":
      return isEarly && imatrix ? "Q4_1" : null;
    case "Q5_0":
      return isEarly && imatrix ? "Q5_1" : null;
    default:
      return null;
  }
}

const EIGHT_EXPERT_OUTPUTS: readonly FileType[] = [
  ...(["Q2_K", "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M"] as const),
  ...(["IQ3_XXS", "IQ3_XS", "IQ3_S", "IQ3_M", "IQ4_XS", "IQ4_NL"] as const),
];

function chooseAttentionOutput({ fileType }: GgufOptions, model: ModelTraits): BlockType | null {
  if (model.isFalcon) return fileType === "Q3_K_L" ? "Q4_K" : null;
  if (model.experts === 8) return EIGHT_EXPERT_OUTPUTS.includes(fileType) ? "Q5_K" : null;
  switch (fileType) {
    case "Q2_K":
      return "Q3_K";
    case "IQ3_XXS":
      return "IQ3_S";
    case "Q3_K_M":
    case "IQ3_M":
      return "Q4_K";
    case "Q3_K_L":
      return "Q5_K";
    default:
      return null;
  }
}

function chooseGateOrUp(
  { fileType }: GgufOptions,
  model: ModelTraits,
  tensor: TensorTraits,
): BlockType | null {
  const depth = depthOf(model, tensor);
  const isMiddle = depth >= eighth(model.layers) && depth < Math.floor((7 * model.layers) / 8);
  return fileType === "IQ3_XS" && isMiddle ? "IQ3_XXS" : null;
}

/** Experts and shared experts stand side by side in a layer, so there the tool reads the layer from the name. */
function depthOf(model: ModelTraits, { index, layer }: TensorTraits): number {
  return model.experts > 1 ? layer : index;
}

/** The first and the last eighth of the layers, and every third between. */
function deservesMoreBits(depth: number, layers: number): boolean {
  const start = eighth(layers);
  return depth < start || depth >= Math.floor((7 * layers) / 8) || (depth - start) % 3 === 2;
}

export function eighth(layers: number): number {
  return Math.floor(layers / 8);
}
