import { MalformedError } from "../malformed.ts";
import { findDtype, findStorageDtype, type TorchDtype } from "./dtypes.ts";
import { broken, type PickleWorld } from "./pickle-machine.ts";
import { isKind, makeOpaque, type PickleValue, type TorchStorage } from "./pickle-value.ts";

/** torch itself allows 64 dimensions in most places. */
const MAX_DIMENSIONS = 64;
/** Limits the items copied from lists into dictionaries, since a pickle can reuse a list many times. */
const MAX_COPIED_ITEMS = 1_000_000;

export interface TorchWorld extends PickleWorld {
  /** All storages in the pickle, by key. */
  readonly storages: ReadonlyMap<string, TorchStorage>;
}

/** Build the world of a checkpoint's pickle, which knows the few functions that rebuild dictionaries and tensors. */
export function createTorchWorld(): TorchWorld {
  const storages = new Map<string, TorchStorage>();
  let copiedItems = 0;

  return {
    storages,
    load(id) {
      const storage = parseStorage(id);
      if (!storage) return makeOpaque("a persistent id");
      const known = storages.get(storage.key);
      if (known && known.bytes !== storage.bytes)
        throw new MalformedError(`its storage ${storage.key} has two sizes`);
      storages.set(storage.key, storage);
      return storage;
    },
    call(name, args) {
      const [first = null, , third = null] = args;
      switch (name) {
        case "collections.OrderedDict":
        case "collections.defaultdict": {
          // Python 2 hands the items over as a list of pairs.
          const items = Array.isArray(first) ? first : [];
          copiedItems += items.length;
          if (copiedItems > MAX_COPIED_ITEMS) throw broken(`copies more than ${MAX_COPIED_ITEMS} items`);
          return new Map(items.filter(isPair));
        }
        case "torch.Size":
        case "torch._utils._rebuild_parameter":
        case "torch._utils._rebuild_parameter_with_state":
          return first;
        case "torch._tensor._rebuild_from_type":
        case "torch._tensor._rebuild_from_type_v2":
          // A tensor with attributes: the function that rebuilds it, its class, and the function's arguments.
          return isKind(first, "global") && Array.isArray(third)
            ? rebuildTensor(first.name, third)
            : makeOpaque(name);
        default:
          return rebuildTensor(name, args);
      }
    },
  };
}

function isPair(item: PickleValue): item is [PickleValue, PickleValue] {
  return Array.isArray(item) && item.length === 2;
}

/** Return null for anything but a storage of a known class. */
function parseStorage(id: PickleValue): TorchStorage | null {
  if (!Array.isArray(id)) return null;
  const [tag, type, key, , elements, view = null] = id;
  const dtype = isKind(type, "global") ? findStorageDtype(type.name) : null;
  if (tag !== "storage" || typeof key !== "string" || !dtype) return null;
  if (view !== null) throw new MalformedError("it stores views of storages, as only torch before 0.4 did");
  const bytes = isCount(elements) ? elements * dtype.bytes : NaN;
  if (!Number.isSafeInteger(bytes))
    throw new MalformedError(`the size of its storage ${key} is missing or invalid`);
  return { kind: "storage", key, dtype, bytes };
}

/** By the functions of torch/_utils.py (pytorch/pytorch). */
function rebuildTensor(name: string, args: readonly PickleValue[]): PickleValue {
  const [storage = null, offset = null, shape = null, strides = null, , , dtype = null] = args;
  const known = isKind(storage, "storage") ? findArrayDtype(name, storage, dtype) : null;
  if (!known || !isKind(storage, "storage")) return makeOpaque(name);
  if (!isCount(offset) || !isShape(shape) || !isShape(strides) || shape.length !== strides.length)
    throw new MalformedError("it has a tensor without a shape");
  const isQuantized = name === "torch._utils._rebuild_qtensor";
  return { kind: "array", storage, dtype: known, shape, offset, strides, isQuantized };
}

function findArrayDtype(name: string, storage: TorchStorage, dtype: PickleValue): TorchDtype | null {
  switch (name) {
    case "torch._utils._rebuild_tensor":
    case "torch._utils._rebuild_tensor_v2":
    case "torch._utils._rebuild_qtensor":
      return storage.dtype;
    case "torch._utils._rebuild_tensor_v3":
      return isKind(dtype, "global") ? findDtype(dtype.name) : null;
    default:
      return null;
  }
}

function isShape(value: PickleValue): value is number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every(isCount);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
