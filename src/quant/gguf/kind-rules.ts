/** Which tensors of a layer get more or fewer bits. Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_tensor_get_type). */
import type { BlockType } from "../../format/gguf/block-types.ts";
import { deservesMoreBits, eighth } from "../depth.ts";
import { MAIN_TYPES, type FileType } from "./file-types.ts";
import { isUntil, type LlamaCppEra } from "./eras.ts";
import type { ModelTraits } from "./model-traits.ts";

/** The choices behind one GGUF file. */
export interface GgufOptions {
  readonly fileType: FileType;
  readonly era: LlamaCppEra;
  readonly imatrix: boolean;
  /** The publisher's types for the embedding and the head; null where they follow the rules. */
  readonly embeddingType: BlockType | null;
  readonly headType: BlockType | null;
  /** The types that a publisher chose by name: `ssm_out` is that of every layer. The rules decide on the others. */
  readonly chosenTypes: ReadonlyMap<string, BlockType>;
  /** Quantized from a file in 32 bits, whose unquantized matrices stay as wide. */
  readonly isFromF32: boolean;
}

/** The properties of a tensor that the rules depend on. */
export interface TensorTraits {
  readonly name: string;
  readonly columns: number;
  /** True for the matrices of many experts in one tensor. */
  readonly isExperts: boolean;
  /** The number of earlier tensors of the same kind. */
  readonly index: number;
  readonly layer: number;
}

/** Tensors of a layer with rules of their own; a tensor is of the first kind that its name contains. */
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

/** The facts that the rules of a tensor use. */
interface Facts {
  readonly imatrix: boolean;
  readonly isFalcon: boolean;
  readonly hasEightExperts: boolean;
  /** True where at least four query heads share one value head. */
  readonly isShared: boolean;
  readonly index: number;
  /** In the first sixteenth, the first eighth, or the middle six eighths of the layers. */
  readonly isFirst: boolean;
  readonly isEarly: boolean;
  readonly isMiddle: boolean;
  /** In the layers, or among the value tensors, whose errors hurt most. */
  readonly isCritical: boolean;
  readonly isCriticalValue: boolean;
}

/** A type, or what it depends on; null is the main type of the file. */
type Rule = BlockType | ((facts: Facts) => BlockType | null);

const ifShared = (type: BlockType) => (facts: Facts) => (facts.isShared ? type : null);
const ifEarly = (type: BlockType) => (facts: Facts) => (facts.isEarly ? type : null);
const ifCriticalValue = (facts: Facts) => (facts.isCriticalValue ? "Q6_K" : null);
const ifMiddle = (facts: Facts) => (facts.isMiddle ? "IQ3_XXS" : null);

const QUERY_OR_KEY = { IQ3_XS: "IQ3_XXS", IQ3_XXS: "IQ2_S" } as const;

type Rules = Readonly<Partial<Record<TensorKind, Partial<Record<FileType, Rule>>>>>;

const RULES: Rules = {
  "attn_v.weight": {
    Q2_K: ({ isShared }) => (isShared ? "Q4_K" : "Q3_K"),
    Q2_K_S: ifShared("Q4_K"),
    IQ3_XS: ifShared("Q4_K"),
    IQ3_S: ifShared("Q4_K"),
    IQ3_XXS: ({ isShared, imatrix }) => (isShared ? "Q4_K" : imatrix ? "IQ3_XXS" : "IQ3_S"),
    IQ3_M: "Q4_K",
    Q3_K_M: ({ index }) => (index < 2 ? "Q5_K" : "Q4_K"),
    Q3_K_L: "Q5_K",
    IQ4_NL: ifShared("Q5_K"),
    IQ4_XS: ifShared("Q5_K"),
    Q4_K_M: ifCriticalValue,
    Q5_K_M: ifCriticalValue,
    Q4_K_S: ({ index }) => (index < 4 ? "Q5_K" : null),
  },
  "attn_k.weight": QUERY_OR_KEY,
  "attn_q.weight": QUERY_OR_KEY,
  ffn_down: {
    Q2_K: "Q3_K",
    Q2_K_S: ifEarly("Q4_K"),
    IQ3_XXS: ({ imatrix, isEarly }) => (imatrix ? null : isEarly ? "Q4_K" : "Q3_K"),
    IQ3_M: ({ isEarly, isCritical, hasEightExperts }) =>
      isEarly || (hasEightExperts && isCritical) ? "Q4_K" : null,
    Q3_K_M: ({ isFirst, isFalcon, isCritical }) =>
      isFirst ? "Q5_K" : isFalcon && !isCritical ? "Q3_K" : "Q4_K",
    Q3_K_L: ({ isFalcon }) => (isFalcon ? "Q4_K" : "Q5_K"),
    Q4_K_M: ({ isFirst, isFalcon, isCritical }) =>
      isFalcon && !isFirst ? (isCritical ? "Q5_K" : null) : isFirst || isCritical ? "Q6_K" : null,
    Q4_K_S: ({ isEarly, isFalcon }) => (isEarly && !isFalcon ? "Q5_K" : null),
    Q5_K_M: ({ isCritical }) => (isCritical ? "Q6_K" : null),
    IQ4_NL: ({ isEarly, imatrix }) => (isEarly && !imatrix ? "Q5_K" : null),
    IQ4_XS: ({ isEarly, imatrix }) => (isEarly && !imatrix ? "Q5_K" : null),
    Q4_0: ({ isEarly, imatrix }) => (isEarly && imatrix ? "Q4_1" : null),
    Q5_0: ({ isEarly, imatrix }) => (isEarly && imatrix ? "Q5_1" : null),
  },
  "attn_output.weight": { Q2_K: "Q3_K", IQ3_XXS: "IQ3_S", Q3_K_M: "Q4_K", IQ3_M: "Q4_K", Q3_K_L: "Q5_K" },
  // Since spring 2026 it follows the rules of values; when Phi-3, Phi-4 and Qwen3.5 were converted it did not.
  "attn_qkv.weight": { Q3_K_M: "Q4_K", Q3_K_L: "Q4_K", IQ3_M: "Q4_K", Q4_K_M: "Q5_K", Q5_K_M: "Q6_K" },
  ffn_gate: { IQ3_XS: ifMiddle },
  ffn_up: { IQ3_XS: ifMiddle },
};

/** Until 2024-01-11 (TheBloke's Mistral-7B-v0.1 and Mixtral-8x7B-v0.1) layers counted from the start, not by eighths. */
const RULES_OF_2023: Rules = {
  "attn_v.weight": {
    Q2_K: "Q3_K",
    Q3_K_M: ({ index }) => (index < 2 ? "Q5_K" : "Q4_K"),
    Q3_K_L: "Q5_K",
    Q4_K_M: ifCriticalValue,
    Q5_K_M: ifCriticalValue,
    Q4_K_S: ({ index }) => (index < 4 ? "Q5_K" : null),
  },
  ffn_down: {
    Q2_K: "Q3_K",
    Q3_K_M: ({ index, isFalcon, isCritical }) =>
      isFalcon ? (isCritical ? "Q4_K" : "Q3_K") : index < 2 ? "Q5_K" : "Q4_K",
    Q3_K_L: ({ isFalcon }) => (isFalcon ? "Q4_K" : "Q5_K"),
    Q4_K_M: ({ isCritical }) => (isCritical ? "Q6_K" : null),
    Q5_K_M: ({ isCritical }) => (isCritical ? "Q6_K" : null),
    Q4_K_S: ({ index, isFalcon }) => (index < 4 && !isFalcon ? "Q5_K" : null),
  },
  "attn_output.weight": { Q2_K: "Q3_K", Q3_K_M: "Q4_K", Q3_K_L: "Q5_K" },
  "attn_qkv.weight": RULES["attn_qkv.weight"] ?? {},
  ffn_gate: { Q2_K: "Q3_K" },
  ffn_up: { Q2_K: "Q3_K" },
};

const EIGHT_EXPERT_OUTPUTS: ReadonlySet<FileType> = new Set<FileType>([
  ...(["Q2_K", "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M"] as const),
  ...(["IQ3_XXS", "IQ3_XS", "IQ3_S", "IQ3_M", "IQ4_XS", "IQ4_NL"] as const),
]);

/** Choose the type of one kind of tensor; null is the main type of the file. */
export function chooseByKind(
  kind: TensorKind,
  { fileType, imatrix, era }: GgufOptions,
  { model, tensor }: { readonly model: ModelTraits; readonly tensor: TensorTraits },
): BlockType | null {
  if (kind === "attn_output.weight" && model.isFalcon) return fileType === "Q3_K_L" ? "Q4_K" : null;
  if (model.experts === 8) {
    // Eight experts share one small attention (Mixtral-8x7B), so its keys and values cost next to nothing.
    if (kind === "attn_v.weight" || kind === "attn_k.weight") return "Q8_0";
    if (kind === "attn_output.weight" && era !== "2023")
      return EIGHT_EXPERT_OUTPUTS.has(fileType) ? "Q5_K" : null;
  }
  const rule = (era === "2023" ? RULES_OF_2023 : RULES)[kind]?.[fileType] ?? null;
  const type = typeof rule === "function" ? rule(inferFacts({ imatrix, era }, model, tensor)) : rule;
  if (kind !== "attn_v.weight" || !model.is70B) return type;
  const chosen = type ?? MAIN_TYPES[fileType];
  return chosen === "Q3_K" || chosen === "Q4_K" ? "Q5_K" : type;
}

function inferFacts(
  { imatrix, era }: Pick<GgufOptions, "imatrix" | "era">,
  model: ModelTraits,
  { index, layer }: TensorTraits,
): Facts {
  const { experts } = model;
  // Early in 2024 biases counted as layers: all-MiniLM-L6-v2 of second-state.
  const countsBiases = model.hasDownBias && era !== "2023" && isUntil(era, "2024-03");
  const layers = countsBiases ? 2 * model.layers : model.layers;
  // A layer has several experts, so the tool reads the layer of their tensors from the name.
  const depth = experts > 1 ? layer : index;
  return {
    imatrix,
    isFalcon: model.isFalcon,
    hasEightExperts: experts === 8,
    isShared: model.gqaRatio >= 4,
    index,
    isFirst: depth < Math.floor(layers / 16),
    isEarly: depth < eighth(layers),
    isMiddle: depth >= eighth(layers) && depth < Math.floor((7 * layers) / 8),
    isCritical: deservesMoreBits(depth, layers),
    isCriticalValue: deservesMoreBits(index, model.valueTensors),
  };
}
