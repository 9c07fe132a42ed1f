/** The memory of a computation graph, placed as ggml-org/llama.cpp does it: ggml/src/ggml-alloc.c. */

export interface GraphTensor {
  readonly bytes: number;
  readonly sources: readonly GraphTensor[];
  /** Takes the place of a source of its size that nothing else reads: sums, products, norms, activations. */
  readonly replaces: boolean;
  /** The tensor that this one only looks at, and whose place it does not give away. */
  readonly viewed: GraphTensor | null;
  /** Operations that still have to read it. */
  readers: number;
  /** Null before it has a place, and after its last use. */
  offset: number | null;
}

export interface Graph {
  /** Add what is filled in from outside. It stays until its last use, or for good where nothing reads it. */
  input(bytes: number): GraphTensor;
  add(bytes: number, ...sources: readonly GraphTensor[]): GraphTensor;
  /** Add an operation that may take the place of one of its sources. */
  replace(bytes: number, ...sources: readonly GraphTensor[]): GraphTensor;
  /** Look at a tensor in another shape. */
  view(tensor: GraphTensor): GraphTensor;
  /** Keep what llama.cpp gives out as a result: its place is free for nothing else. */
  keep(tensor: GraphTensor): void;
  /** Place all tensors, and return the bytes at the peak. */
  placeAll(): number;
}

export function createGraph(): Graph {
  const inputs: GraphTensor[] = [];
  const operations: GraphTensor[] = [];
  const create = (bytes: number, sources: readonly GraphTensor[], replaces: boolean): GraphTensor => {
    for (const source of sources) (source.viewed ?? source).readers++;
    return { bytes, sources, replaces, viewed: null, readers: 0, offset: null };
  };
  const push = (to: GraphTensor[], tensor: GraphTensor) => {
    to.push(tensor);
    return tensor;
  };
  return {
    input: (bytes) => push(inputs, create(bytes, [], false)),
    add: (bytes, ...sources) => push(operations, create(bytes, sources, false)),
    replace: (bytes, ...sources) => push(operations, create(bytes, sources, true)),
    view: (tensor) => ({ ...tensor, viewed: tensor.viewed ?? tensor }),
    keep: (tensor) => {
      tensor.readers++;
    },
    placeAll: () => placeAll(inputs, operations),
  };
}

/** Inputs come first, then each operation in turn; what is read for the last time leaves a hole. */
function placeAll(inputs: readonly GraphTensor[], operations: readonly GraphTensor[]): number {
  const space = createSpace();
  for (const input of inputs) input.offset = space.take(input.bytes);
  for (const operation of operations) {
    const { bytes, sources, replaces } = operation;
    const isFree = (one: GraphTensor) =>
      one.viewed === null && one.bytes === bytes && one.readers === 1 && one.offset !== null;
    const replaced = replaces ? sources.find(isFree) : undefined;
    operation.offset = replaced ? replaced.offset : space.take(bytes);
    if (replaced) replaced.offset = null;
    for (const one of sources) {
      const source = one.viewed ?? one;
      source.readers--;
      if (source.readers > 0 || source.offset === null) continue;
      space.give(source.offset, source.bytes);
      source.offset = null;
    }
  }
  return space.countMost();
}

/** Free space, in the order of its addresses: a tensor goes into the smallest hole that it fits into, or to the end. */
function createSpace() {
  const holes = [{ offset: 0, bytes: Infinity }];
  let most = 0;
  return {
    take(bytes: number): number {
      const hole = holes.reduce((best, one) =>
        one.bytes >= bytes && (one.bytes <= best.bytes || best.bytes < bytes) ? one : best,
      );
      const { offset } = hole;
      hole.offset += bytes;
      hole.bytes -= bytes;
      if (hole.bytes === 0) holes.splice(holes.indexOf(hole), 1);
      most = Math.max(most, offset + bytes);
      return offset;
    },
    give(offset: number, bytes: number): void {
      const index = holes.findIndex((hole) => hole.offset > offset);
      const next = holes[index];
      const before = holes[index - 1];
      const joinsNext = next?.offset === offset + bytes;
      const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
      const start = joinsBefore ? before.offset : offset;
      const end = joinsNext ? next.offset + next.bytes : offset + bytes;
      const hole = { offset: start, bytes: end - start };
      holes.splice(joinsBefore ? index - 1 : index, Number(joinsBefore) + Number(joinsNext), hole);
    },
    countMost: () => most,
  };
}
