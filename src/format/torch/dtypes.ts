/** How torch stores a number. */
export interface TorchDtype {
  /** The name in safetensors, which lacks complex numbers of 16 bytes. */
  readonly name: string;
  /** Bytes per element. */
  readonly bytes: number;
}

/** From c10/core/ScalarType.h (pytorch/pytorch). */
const DTYPES: Readonly<Record<string, TorchDtype>> = {
  float64: { name: "F64", bytes: 8 },
  float32: { name: "F32", bytes: 4 },
  float16: { name: "F16", bytes: 2 },
  bfloat16: { name: "BF16", bytes: 2 },
  float8_e4m3fn: { name: "F8_E4M3", bytes: 1 },
  float8_e5m2: { name: "F8_E5M2", bytes: 1 },
  float8_e4m3fnuz: { name: "F8_E4M3FNUZ", bytes: 1 },
  float8_e5m2fnuz: { name: "F8_E5M2FNUZ", bytes: 1 },
  float8_e8m0fnu: { name: "F8_E8M0", bytes: 1 },
  int64: { name: "I64", bytes: 8 },
  int32: { name: "I32", bytes: 4 },
  int16: { name: "I16", bytes: 2 },
  int8: { name: "I8", bytes: 1 },
  uint64: { name: "U64", bytes: 8 },
  uint32: { name: "U32", bytes: 4 },
  uint16: { name: "U16", bytes: 2 },
  uint8: { name: "U8", bytes: 1 },
  bool: { name: "BOOL", bytes: 1 },
  complex64: { name: "C64", bytes: 8 },
  complex128: { name: "C128", bytes: 16 },
};

/**
 * The classes of storages that have a dtype, from torch/storage.py (pytorch/pytorch). Since float8, new dtypes share
 * UntypedStorage, which counts bytes; their dtype is stored with the tensor.
 */
const STORAGES: Readonly<Record<string, keyof typeof DTYPES>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  ComplexFloatStorage: "complex64",
  ComplexDoubleStorage: "complex128",
  UntypedStorage: "uint8",
  QInt8Storage: "int8",
  QUInt8Storage: "uint8",
  QInt32Storage: "int32",
};

const dtypes = new Map(Object.entries(DTYPES).map(([name, dtype]) => [`torch.${name}`, dtype]));
const storages = new Map(Object.entries(STORAGES).map(([name, dtype]) => [`torch.${name}`, DTYPES[dtype]]));

/** Find the dtype by its name, such as `torch.bfloat16`. */
export function findDtype(global: string): TorchDtype | null {
  return dtypes.get(global) ?? null;
}

/** Find the dtype of a storage class, such as `torch.BFloat16Storage` or `torch.storage.UntypedStorage`. */
export function findStorageDtype(global: string): TorchDtype | null {
  return storages.get(global.replace(/^torch\.storage\._?/, "torch.")) ?? null;
}
