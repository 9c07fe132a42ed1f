import { DTYPE_BITS, type Tensor } from "../tensor.ts";

/**
 * dtype → folded name → shape. A folded name stands for all names in its ranges:
 * `model.layers.{1-26}.mlp.experts.{0-63}.up_proj.weight` is 1664 tensors (DeepSeek-V2-Lite), and
 * `{0-4,6-10}` leaves out the layers where the tensor has another shape (Gemma 4).
 */
export type FoldedTensors = {
  readonly [dtype in keyof typeof DTYPE_BITS]?: { readonly [foldedName: string]: readonly number[] };
};

/** Return every tensor that a fold stands for. */
export function unfoldTensors(folded: FoldedTensors): Tensor[] {
  const dtypes = Object.keys(folded) as (keyof FoldedTensors)[];
  return dtypes.flatMap((dtype) =>
    Object.entries(folded[dtype] ?? {}).flatMap(([foldedName, shape]) => {
      const bytes = shape.reduce((product, size) => product * size, DTYPE_BITS[dtype] / 8);
      return unfoldName(foldedName).map((name) => ({ name, shape, dtype, bytes }));
    }),
  );
}

function unfoldName(foldedName: string): string[] {
  const open = foldedName.indexOf("{");
  if (open === -1) return [foldedName];
  const close = foldedName.indexOf("}", open);
  const prefix = foldedName.slice(0, open);
  const suffixes = unfoldName(foldedName.slice(close + 1));
  return unfoldRanges(foldedName.slice(open + 1, close)).flatMap((index) =>
    suffixes.map((suffix) => `${prefix}${index}${suffix}`),
  );
}

function unfoldRanges(ranges: string): number[] {
  return ranges.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}
