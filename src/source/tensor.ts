/** `copy`: an average of another weight; `training`: of an optimizer. */
export const TENSOR_USES = ["weight", "buffer", "scale", "zero-point", "copy", "training"] as const;
type TensorUse = (typeof TENSOR_USES)[number];

/** One stored array, as the header of its file describes it. */
export interface Tensor {
  readonly name: string;
  /** Dimensions as stored, outermost first, in elements; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** How it is stored: a safetensors dtype (`BF16`) or a GGUF type (`Q4_K`). */
  readonly dtype: string;
  readonly bytes: number;
  /** The tensor that shares this one's storage, as in PyTorch files with a tied head. */
  readonly sharedWith?: string | null;
  /** Its use, if the format itself states it; the shape of a weight is then its logical one. */
  readonly is?: TensorUse;
  /** The file that holds its data, where that is not the one with the header: external data of an ONNX graph. */
  readonly location?: string;
}

/**
 * Bits per element of every safetensors dtype, from safetensors/src/tensor.rs (huggingface/safetensors 0.8).
 * The shapes of 4- and 6-bit dtypes count elements, not bytes.
 */
export const DTYPE_BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
