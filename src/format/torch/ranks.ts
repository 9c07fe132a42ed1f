import { UnreadableError } from "../malformed.ts";
import type { Tensor } from "../tensor.ts";

/** Meta splits these along their columns, all others along their rows: llama/model.py (meta-llama/llama). */
const SPLIT_BY_COLUMNS = /(?:^|\.)(?:wo|w2|tok_embeddings)\.weight$/;

/** Join the tensors of tensor-parallel ranks: matrices are split, vectors are repeated in each. Throws UnreadableError. */
export function joinRanks(ranks: readonly (readonly Tensor[])[]): Tensor[] {
  const [first = [], ...others] = ranks;
  if (others.length === 0) return [...first];
  const byName = others.map((tensors) => new Map(tensors.map((tensor) => [tensor.name, tensor])));
  if (others.some((tensors) => tensors.length !== first.length)) throw differ();
  return first.map((tensor) => {
    const { name, shape, bytes } = tensor;
    const twins = byName.map((tensors) => tensors.get(name));
    if (twins.some((twin) => twin?.shape.join() !== shape.join() || twin.dtype !== tensor.dtype))
      throw differ();
    if (shape.length < 2) return tensor;
    const axis = SPLIT_BY_COLUMNS.test(name) ? 1 : 0;
    const joined = shape.map((size, index) => (index === axis ? size * ranks.length : size));
    return { ...tensor, shape: joined, bytes: bytes * ranks.length };
  });
}

function differ(): UnreadableError {
  return new UnreadableError("its files for several devices hold different tensors");
}
