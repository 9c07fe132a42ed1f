/** Find the tensors of an unpickled checkpoint, at any depth of dictionaries, lists and objects. */
import { MalformedError, UnreadableError } from "../malformed.ts";
import { isKind, type PickleOpaque, type PickleValue, type TorchArray } from "./pickle-value.ts";
import { isTrainingState, isTrainingTensor } from "./training-state.ts";

export interface FoundArray {
  /** Keys from the top; keys of a state dict may contain dots. */
  readonly path: readonly string[];
  readonly array: TorchArray;
  /** `parameter` or `buffer` in a pickled module, which separates them; `training` for data that is not the model's. */
  readonly kind: "unknown" | "parameter" | "buffer" | "training";
}

/** Far more than the nesting of real checkpoints. */
const MAX_DEPTH = 100;
const MAX_NAME_LENGTH = 1_000;
/** Smaller arrays in the pickle itself are means, vocabularies and states of random generators. */
const MAX_INLINE_BYTES = 1_000_000;

/** List every tensor once, those of optimizers too. Throws UnreadableError where weights may be stored in other ways. */
export function findArrays(root: PickleValue): FoundArray[] {
  const found: FoundArray[] = [];
  const seen = new Set<PickleValue>();
  let inlineBytes = 0;

  function visit(value: PickleValue, path: readonly string[], kind: FoundArray["kind"]): void {
    if (typeof value !== "object" || value === null) return;
    if (isKind(value, "array")) {
      found.push({ path, array: value, kind });
      return;
    }
    // A dictionary can hold itself, or another one many times.
    if (seen.has(value)) return;
    seen.add(value);
    if (path.length > MAX_DEPTH) throw new MalformedError(`it nests deeper than ${MAX_DEPTH} levels`);
    if (value instanceof Map) visitDictionary(value, path, kind);
    else if (Array.isArray(value))
      value.forEach((item, index) => visit(item, [...path, String(index)], kind));
    else if (isKind(value, "opaque")) visitObject(value, path, kind);
  }

  function visitDictionary(
    dictionary: Map<PickleValue, PickleValue>,
    path: readonly string[],
    kind: FoundArray["kind"],
  ): void {
    for (const [key, item] of dictionary) {
      if (typeof item !== "object" || item === null) continue;
      const name = typeof key === "string" || typeof key === "number" ? String(key) : "?";
      if (name.length > MAX_NAME_LENGTH) throw new MalformedError("it has a name of more than 1000 letters");
      const isTraining = isKind(item, "array") ? isTrainingTensor(name, item) : isTrainingState(name, item);
      visit(item, [...path, name], isTraining ? "training" : kind);
    }
  }

  /** A module has parameters, buffers and modules; any other object has attributes. */
  function visitObject(
    { maker, state, bytes = 0 }: PickleOpaque,
    path: readonly string[],
    kind: FoundArray["kind"],
  ): void {
    inlineBytes += kind === "training" ? 0 : bytes;
    // A tensor of an unknown kind must not be left out silently.
    if (maker.includes("._rebuild_") && kind !== "training")
      throw new UnreadableError(`${path.join(".") || "it"} is made by ${maker}, which is not understood`);
    const attributes = state instanceof Map ? state : null;
    const parameters = attributes?.get("_parameters");
    const modules = attributes?.get("_modules");
    if (!attributes || !(parameters instanceof Map) || !(modules instanceof Map)) {
      if (state !== undefined) visit(state, path, kind);
      return;
    }
    const keep = (own: FoundArray["kind"]) => (kind === "training" ? kind : own);
    for (const [key, item] of parameters) visit(item, [...path, String(key)], keep("parameter"));
    const buffers = attributes.get("_buffers");
    if (buffers instanceof Map)
      for (const [key, item] of buffers) visit(item, [...path, String(key)], keep("buffer"));
    for (const [key, item] of modules) visit(item, [...path, String(key)], kind);
    for (const [key, item] of attributes)
      if (!MODULE_KEYS.has(String(key))) visit(item, [...path, String(key)], keep("buffer"));
  }

  visit(root, [], isTrainingState("", root) ? "training" : "unknown");
  if (inlineBytes > MAX_INLINE_BYTES)
    throw new UnreadableError("it keeps arrays in its pickle, which are not read");
  return found;
}

const MODULE_KEYS: ReadonlySet<string> = new Set(["_parameters", "_buffers", "_modules"]);
