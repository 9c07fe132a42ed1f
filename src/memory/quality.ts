import { lookUp } from "../contract/json.ts";

/**
 * GGUF types by quality: the bits per weight they are worth, so that they can be compared with other schemes. In the
 * order of the perplexities that llama-quantize prints (ggml-org/llama.cpp tools/quantize/quantize.cpp, Llama 3 8B):
 * Q5_1 of 1.06 is behind Q5_K_S of 1.05 although it is larger, and Q4_1 of 4.51 behind Q4_K_S of 2.69. Types without a
 * perplexity are in the order of their bits.
 */
const GGUF_BITS: Readonly<Record<string, number>> = {
  BF16: 16.1, // the type that most models are published in
  F16: 16,
  Q8_0: 8.5,
  Q6_K_L: 6.6,
  Q6_K: 6.56,
  Q5_K_L: 5.8,
  Q5_K_M: 5.7,
  Q5_K_S: 5.54,
  Q5_1: 5.53,
  Q5_0: 5.5,
  Q4_K_L: 4.9,
  Q4_K_M: 4.85,
  Q4_K_S: 4.58,
  IQ4_NL: 4.5,
  IQ4_XS: 4.25,
  MXFP4_MOE: 4.2,
  Q4_1: 4.15,
  Q4_0: 4.1,
  Q3_K_XL: 4.05,
  Q3_K_L: 4,
  Q3_K_M: 3.9,
  IQ3_M: 3.66,
  IQ3_S: 3.44,
  IQ3_XS: 3.3,
  Q3_K_S: 3.2,
  IQ3_XXS: 3.06,
  IQ2_M: 2.7,
  Q2_K_L: 2.68,
  Q2_K: 2.66,
  IQ2_S: 2.5,
  Q2_K_S: 2.4,
  IQ2_XS: 2.31,
  IQ2_XXS: 2.06,
};

/**
 * ONNX types: q4 leaves the embedding in 32 bits, so that google/gemma-2b takes more bytes in q4 than in q8, and yet its
 * layers have 4 bits.
 */
const ONNX_BITS: Readonly<Record<string, number>> = {
  fp16: 16,
  q8: 8,
  int8: 8,
  uint8: 8,
  q4: 4.5,
  q4f16: 4.45,
  bnb4: 4.4,
};

const BITS: Readonly<Record<string, Readonly<Record<string, number>>>> = { gguf: GGUF_BITS, onnx: ONNX_BITS };

/** Types for models that were trained for them, or that lose most of what a model knows. */
const RESEARCH = /^gguf:(?:TQ\d_0|IQ1_[SM]|Q[12]_0)$/;

/** Twice the bytes of a checkpoint in 16 bits, and nothing more. */
const FULL_PRECISION = /(?:^|:)fp?32$/i;

/** Return true for what is never recommended. */
export function isResearch(quantization: string): boolean {
  return RESEARCH.test(quantization);
}

/** Rate a quantization: the bits per weight it is worth. Other schemes are worth what they take. */
export function rateQuality(quantization: string, bitsPerWeight: number | null): number {
  if (quantization === "fp16") return 16.2; // the checkpoint itself, without a conversion
  if (FULL_PRECISION.test(quantization)) return 15.9;
  const [family = "", name = ""] = quantization.split(":");
  return lookUp(lookUp(BITS, family) ?? {}, name) ?? bitsPerWeight ?? 0;
}
