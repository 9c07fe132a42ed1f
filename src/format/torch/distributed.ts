/** `.metadata` of torch's distributed checkpoints: a pickle that states every tensor of all `.distcp` files. */
import { createByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { findDtype } from "./dtypes.ts";
import { readPickle } from "./pickle.ts";
import { isKind, type PickleValue } from "./pickle-value.ts";
import { createTorchWorld } from "./torch-world.ts";

/** Names of optimizers' tensors: torch/distributed/checkpoint (pytorch/pytorch). */
const OPTIMIZER =
  /^(?:optim|optimizer|opt)(?:_|\.|s\.)|\.(?:exp_avg(?:_sq)?|max_exp_avg_sq|master_param)(?:\.|$)/;

/** Parse `.metadata`. Throws MalformedError. */
export function parseDistributedMetadata(bytes: Uint8Array): Tensor[] {
  const root = readPickle(createByteCursor(bytes, bytes.length), createTorchWorld());
  const entries = attributeOf(root, "state_dict_metadata");
  if (!(entries instanceof Map)) throw new MalformedError("it lists no tensors");
  return [...entries].flatMap(([name, entry]) => {
    const size = attributeOf(entry, "size");
    if (typeof name !== "string" || !Array.isArray(size)) return []; // bytes: a number, a config
    const shape = size.filter((dimension) => typeof dimension === "number");
    const elements = countElements(shape);
    if (elements === null || shape.length !== size.length)
      throw new MalformedError(`${name.slice(0, 100)} lacks its shape`);
    const dtype = findPropertyDtype(attributeOf(entry, "properties"));
    const is = OPTIMIZER.test(name) ? ("training" as const) : null;
    return [{ name, shape, dtype: dtype.name, bytes: elements * dtype.bytes, ...(is && { is }) }];
  });
}

/** `TensorProperties` is pickled as a tuple that begins with the dtype. */
function findPropertyDtype(properties: PickleValue | null) {
  const state = isKind(properties ?? undefined, "opaque")
    ? (properties as { state?: PickleValue }).state
    : null;
  const global = Array.isArray(state) ? state[0] : attributeOf(properties, "dtype");
  const dtype = isKind(global ?? undefined, "global") ? findDtype((global as { name: string }).name) : null;
  return dtype ?? { name: "F32", bytes: 4 };
}

function attributeOf(object: PickleValue, key: string): PickleValue {
  if (!isKind(object, "opaque") || !(object.state instanceof Map)) return null;
  return object.state.get(key) ?? null;
}
