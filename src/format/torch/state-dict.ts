import { MalformedError } from "../malformed.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { isKind, type PickleValue, type TorchArray } from "./pickle-value.ts";

export interface TorchTensor extends Tensor {
  /** The first tensor that is the same view of the same storage, as a head tied to the embedding is. */
  readonly sharedWith: string | null;
}

/**
 * Where training tools keep the weights: Lightning, timm, fairseq and Megatron-LM, DeepSpeed, Real-ESRGAN.
 * Beside them are optimizers, whose tensors are no weights.
 */
const CONTAINERS = ["state_dict", "model_state_dict", "model", "module", "params_ema", "params"] as const;
const MAX_DEPTH = 8;
const MAX_NAME_LENGTH = 1_000;

/** Finds the named tensors of a checkpoint, and their storages. Throws MalformedError where there are none. */
export function readStateDict(root: PickleValue): { tensors: TorchTensor[]; bytes: number } {
  if (isKind(root, "opaque")) throw new MalformedError(`it is a pickled ${root.maker}, not named tensors`);
  const arrays = findArrays(root);
  const views = new Map<string, string>();
  const storages = new Map<string, number>();
  const tensors: TorchTensor[] = [];
  for (const [name, array] of arrays) {
    const view = describeView(array);
    tensors.push({ ...describeTensor(name, array), sharedWith: views.get(view) ?? null });
    if (!views.has(view)) views.set(view, name);
    storages.set(array.storage.key, array.storage.bytes);
  }
  const bytes = [...storages.values()].reduce((sum, storageBytes) => sum + storageBytes, 0);
  return { tensors, bytes };
}

function findArrays(root: PickleValue): Map<string, TorchArray> {
  const arrays = new Map<string, TorchArray>();
  const dictionary = enterContainers(root);
  const isContained = dictionary !== root;
  const seen = new Set<PickleValue>();

  function visit(value: PickleValue, prefix: string, depth: number): void {
    // A dictionary can hold itself, or another one many times.
    if (!(value instanceof Map) || depth > MAX_DEPTH || seen.has(value)) return;
    seen.add(value);
    for (const [key, item] of value) {
      if (typeof key !== "string" && typeof key !== "number") continue;
      const name = `${prefix}${key}`;
      if (name.length > MAX_NAME_LENGTH) throw new MalformedError("it has a name of more than 1000 letters");
      if (isKind(item, "array")) arrays.set(name, item);
      // A tensor of a kind not known here, as a quantized one, must not be missing without a word.
      else if (isKind(item, "opaque") && item.maker.includes("._rebuild_"))
        throw new MalformedError(`${name} is made by ${item.maker}, which is not understood`);
      else if (isContained) visit(item, `${name}.`, depth + 1);
    }
  }

  visit(dictionary, "", 0);
  if (arrays.size === 0)
    throw new MalformedError(`it has no tensors, neither at its top nor under ${CONTAINERS.join(", ")}`);
  return arrays;
}

/** Down to the innermost container: DeepSpeed's `module` can hold Lightning's `state_dict`. */
function enterContainers(root: PickleValue): PickleValue {
  let value = root;
  for (let depth = 0; depth < MAX_DEPTH && value instanceof Map; depth++) {
    const dictionary: Map<PickleValue, PickleValue> = value;
    const container = CONTAINERS.map((key) => dictionary.get(key)).find((inner) => inner instanceof Map);
    if (!container) break;
    value = container;
  }
  return value;
}

function describeTensor(name: string, { dtype, storage, shape, strides, offset }: TorchArray): Tensor {
  const elements = countElements(shape);
  if (elements === null) throw new MalformedError(`${name} has more than 2^53 elements`);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  const bytes = elements * dtype.bytes;
  // An expanded tensor repeats elements by a stride of 0: no weights do.
  if (elements > 0 && Math.max((last + 1) * dtype.bytes, bytes) > storage.bytes)
    throw new MalformedError(`${name} is larger than the storage it views`);
  return { name, shape, dtype: dtype.name, bytes };
}

/** The stride of an axis of one element is anything. */
function describeView({ storage, dtype, shape, strides, offset }: TorchArray): string {
  const axes = shape.map((size, axis) => (size === 1 ? "1" : `${size}:${strides[axis]}`));
  return [storage.key, dtype.name, offset, ...axes].join(" ");
}
