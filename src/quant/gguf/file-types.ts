import type { BlockType } from "../../format/gguf/block-types.ts";

/**
 * The file types that llama-quantize writes, and the block type of most of their tensors; mix.ts has the rest.
 * Source: ggml-org/llama.cpp, src/llama-quant.cpp (llama_model_quantize_impl).
 */
export const MAIN_TYPES = {
  F32: "F32",
  F16: "F16",
  BF16: "BF16",
  Q8_0: "Q8_0",
  Q6_K: "Q6_K",
  Q5_K_M: "Q5_K",
  Q5_K_S: "Q5_K",
  Q4_K_M: "Q4_K",
  Q4_K_S: "Q4_K",
  Q5_1: "Q5_1",
  Q5_0: "Q5_0",
  Q4_1: "Q4_1",
  Q4_0: "Q4_0",
  Q3_K_L: "Q3_K",
  Q3_K_M: "Q3_K",
  Q3_K_S: "Q3_K",
  Q2_K: "Q2_K",
  Q2_K_S: "Q2_K",
  IQ4_XS: "IQ4_XS",
  IQ4_NL: "IQ4_NL",
  IQ3_M: "IQ3_S",
  IQ3_S: "IQ3_S",
  IQ3_XS: "IQ3_S",
  IQ3_XXS: "IQ3_XXS",
  IQ2_M: "IQ2_S",
  IQ2_S: "IQ2_XS",
  IQ2_XS: "IQ2_XS",
  IQ2_XXS: "IQ2_XXS",
  IQ1_M: "IQ1_M",
  IQ1_S: "IQ1_S",
  TQ2_0: "TQ2_0",
  TQ1_0: "TQ1_0",
  MXFP4_MOE: "MXFP4",
} as const satisfies Record<string, BlockType>;

export type FileType = keyof typeof MAIN_TYPES;

/** Full precision first, then ever smaller. */
export const FILE_TYPES = Object.keys(MAIN_TYPES) as readonly FileType[];

/**
 * Names for a known mix with more bits in the embedding and the output head: bartowski's Llama-3.2-1B-Instruct-Q4_K_L
 * has both in Q8_0. Larger files come first.
 */
export const LARGE_HEAD_MIXES = {
  Q6_K_L: "Q6_K",
  Q5_K_L: "Q5_K_M",
  Q4_K_L: "Q4_K_M",
  Q3_K_XL: "Q3_K_L",
  Q2_K_L: "Q2_K",
} as const satisfies Record<string, FileType>;

/** Types whose mix depends on the importance matrix. */
const IMATRIX_TYPES: readonly FileType[] = ["IQ4_XS", "IQ4_NL", "IQ3_XXS", "Q4_0", "Q5_0"];

export function dependsOnImatrix(fileType: FileType): boolean {
  return IMATRIX_TYPES.includes(fileType);
}

/**
 * True where most publishers use an importance matrix: bartowski and unsloth do for all IQ types and for Q4_0; those
 * who still publish Q5_0 (Qwen, IBM, Microsoft) do not. The types of 1 and 2 bits require one.
 */
export function isUsuallyMadeWithImatrix(fileType: FileType): boolean {
  return fileType !== "Q5_0";
}
