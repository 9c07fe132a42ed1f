import { MalformedError, UnreadableError } from "../malformed.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { isKind, type PickleValue, type TorchArray } from "./pickle-value.ts";
import { canonicalName } from "./training-state.ts";
import { findArrays, type FoundArray } from "./walk.ts";

export interface TorchTensor extends Tensor {
  /** The first tensor that is the same view of the same storage, such as the embedding of a tied head. */
  readonly sharedWith: string | null;
}

/** Wrappers of training tools, which are not part of a weight's name: Lightning, timm, DeepSpeed. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "state_dict",
  "model_state_dict",
  "model",
  "module",
  "params_ema",
  "params",
  "weight",
  "net",
]);

/** List the tensors of a checkpoint, and the bytes of their storages. Throws MalformedError where there are none. */
export function readStateDict(root: PickleValue): { tensors: TorchTensor[]; bytes: number } {
  const found = findArrays(root);
  if (found.length === 0)
    throw isKind(root, "opaque")
      ? new UnreadableError(`it is a pickled ${root.maker}, not named tensors`)
      : new MalformedError("it contains no tensors");
  if (found.every(({ kind }) => kind === "training"))
    throw new UnreadableError("it holds the state of an optimizer and no weights");
  const names = nameArrays(found);
  const averages = findAverages(found);
  const views = new Map<string, string>();
  const storages = new Map<string, number>();
  const tensors = found.map((one): TorchTensor => {
    const { array } = one;
    const name = names.get(one) ?? "";
    const view = describeView(array);
    const sharedWith = views.get(view) ?? null;
    if (sharedWith === null) views.set(view, name);
    storages.set(array.storage.key, array.storage.bytes);
    const is = averages.has(one) ? "copy" : isOf(one);
    return { ...buildTensor(name, array), sharedWith, ...(is !== null && { is }) };
  });
  return { tensors, bytes: [...storages.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

function isOf({ kind, array, path }: FoundArray): NonNullable<Tensor["is"]> | null {
  if (kind === "training") return "training";
  if (kind === "buffer") return "buffer";
  if (array.isQuantized || kind === "parameter") return "weight";
  // torch's quantized modules keep the scale of their output next to their weights.
  const [leaf = ""] = (path.at(-1) ?? "").split(".").toReversed();
  if (array.shape.length === 0 && leaf === "zero_point") return "zero-point";
  return null;
}

/** Return the names without their leading wrappers, unless two names would become the same. */
function nameArrays(found: readonly FoundArray[]): Map<FoundArray, string> {
  const names = new Map(found.map((one) => [one, stripWrappers(one).join(".")]));
  return new Set(names.values()).size === found.length
    ? names
    : new Map(found.map((one) => [one, one.path.join(".")]));
}

function stripWrappers({ path, kind }: FoundArray): readonly string[] {
  if (kind === "training") return path;
  let depth = 0;
  while (depth + 1 < path.length && CONTAINERS.has(path[depth] ?? "")) depth++;
  return path.slice(depth);
}

/** Tensors of an averaged copy whose originals are there as well, by equal names and shapes. */
function findAverages(found: readonly FoundArray[]): ReadonlySet<FoundArray> {
  const originals = new Set<string>();
  const candidates: { one: FoundArray; key: string }[] = [];
  for (const one of found) {
    if (one.kind === "training") continue;
    const { name, isAverage } = canonicalName(one.path.flatMap((key) => key.split(".")));
    const key = `${name} ${one.array.shape.join()}`;
    if (isAverage) candidates.push({ one, key });
    else originals.add(key);
  }
  return new Set(candidates.filter(({ key }) => originals.has(key)).map(({ one }) => one));
}

function buildTensor(name: string, { dtype, storage, shape, strides, offset }: TorchArray): Tensor {
  const elements = countElements(shape);
  if (elements === null) throw new MalformedError(`${name} has more than 2^53 elements`);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  const bytes = elements * dtype.bytes;
  // An expanded tensor repeats elements by a stride of 0: no weights do.
  if (elements > 0 && Math.max((last + 1) * dtype.bytes, bytes) > storage.bytes)
    throw new MalformedError(`${name} is larger than the storage it views`);
  return { name, shape, dtype: dtype.name, bytes };
}

/** An axis of one element can have any stride. */
function describeView({ storage, dtype, shape, strides, offset }: TorchArray): string {
  const axes = shape.map((size, axis) => (size === 1 ? "1" : `${size}:${strides[axis]}`));
  return [storage.key, dtype.name, offset, ...axes].join(" ");
}
