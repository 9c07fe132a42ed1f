import { DTYPE_BITS, type Tensor } from "../tensor.ts";

/**
 * dtype → groups of tensors, split by `|`. A group is a prefix, the index of the names that follow it, and a shape for each:
 * `model.layers.{0-17}. 3 2048,16384;16384,2048;2048`. A prefix stands for all names in its ranges:
 * `model.layers.{1-26}.mlp.experts.{0-63}.` is 1664 experts (DeepSeek-V2-Lite), and `{0-4,6-10}` leaves out the layers where
 * the tensor has another shape (Gemma 4).
 */
export type FoldedTensors = { readonly [dtype in keyof typeof DTYPE_BITS]?: string };

/** Return every tensor that a fold stands for. `nameLists` are the names that groups refer to, split by spaces. */
export function unfoldTensors(folded: FoldedTensors, nameLists: readonly string[]): Tensor[] {
  const dtypes = Object.keys(folded) as (keyof FoldedTensors)[];
  return dtypes.flatMap((dtype) =>
    (folded[dtype] ?? "").split("|").flatMap((group) => {
      const [foldedPrefix = "", list = "", shapes = ""] = group.split(" ");
      const names = nameLists[Number(list)]?.split(" ") ?? [];
      const tensors = shapes.split(";").map((text, index) => {
        const shape = text === "" ? [] : text.split(",").map(Number);
        const bytes = shape.reduce((product, size) => product * size, DTYPE_BITS[dtype] / 8);
        return { name: names[index] ?? "", shape, dtype, bytes };
      });
      return unfoldPrefix(foldedPrefix).flatMap((prefix) =>
        tensors.map(({ name, shape, bytes }) => ({ name: prefix + name, shape, dtype, bytes })),
      );
    }),
  );
}

function unfoldPrefix(foldedPrefix: string): string[] {
  const open = foldedPrefix.indexOf("{");
  if (open === -1) return [foldedPrefix];
  const close = foldedPrefix.indexOf("}", open);
  const start = foldedPrefix.slice(0, open);
  const ends = unfoldPrefix(foldedPrefix.slice(close + 1));
  return unfoldRanges(foldedPrefix.slice(open + 1, close)).flatMap((index) =>
    ends.map((end) => `${start}${index}${end}`),
  );
}

function unfoldRanges(ranges: string): number[] {
  return ranges.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}
