import type { TorchDtype } from "./dtypes.ts";

/** A value of a pickle: data, or the name of code, which is never run. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  /** A list or a tuple. */
  | PickleValue[]
  /** A dictionary, ordered or not. */
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | PickleOpaque
  | TorchStorage
  | TorchArray;

/** The name of a class or function, as in `torch._utils._rebuild_tensor_v2`. */
interface PickleGlobal {
  readonly kind: "global";
  readonly name: string;
}

/** A stand-in for the result of an unknown call, which was not run. */
export interface PickleOpaque {
  readonly kind: "opaque";
  readonly maker: string;
  /** The attributes that the object would have, mostly a dictionary. */
  state?: PickleValue;
  /** The number of bytes, for bytes in the pickle itself. */
  readonly bytes?: number;
}

/** A block of bytes in the file; several arrays can be views of one. */
export interface TorchStorage {
  readonly kind: "storage";
  readonly key: string;
  readonly dtype: TorchDtype;
  readonly bytes: number;
}

/** A view of a storage: what torch calls a tensor. */
export interface TorchArray {
  readonly kind: "array";
  readonly storage: TorchStorage;
  readonly dtype: TorchDtype;
  readonly shape: readonly number[];
  /** In elements, as the strides are. */
  readonly offset: number;
  readonly strides: readonly number[];
  /** True for quantized numbers: integers that are weights. */
  readonly isQuantized: boolean;
}

interface OfKind {
  readonly global: PickleGlobal;
  readonly opaque: PickleOpaque;
  readonly storage: TorchStorage;
  readonly array: TorchArray;
}

/** True for an object above of this kind. */
export function isKind<Kind extends keyof OfKind>(
  value: PickleValue | undefined,
  kind: Kind,
): value is OfKind[Kind] {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

export function makeOpaque(maker: string, bytes?: number): PickleOpaque {
  return { kind: "opaque", maker, ...(bytes !== undefined && { bytes }) };
}
