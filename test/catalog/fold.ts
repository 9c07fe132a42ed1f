import type { FoldedTensors } from "../../src/source/catalog/fold.ts";

/** Name, shape, dtype. */
export type NamedShape = readonly [name: string, shape: readonly number[], dtype: string];

/** Numbers in the name, from left to right: layer, expert. */
type IndexPath = readonly number[];

const WHOLE_NUMBER = /^(0|[1-9]\d{0,8})$/;

/** Folds repeated layers and experts, so that `unfoldTensors` gives back the same set. */
export function foldTensors(tensors: readonly NamedShape[]): FoldedTensors {
  const pathsByTensor = new Map<string, IndexPath[]>();
  for (const [name, shape, dtype] of tensors) {
    if (/[{}]/.test(name)) throw new Error(`${name}: braces mark a range`);
    const parts = name.split(".");
    const template = parts.map((part) => (WHOLE_NUMBER.test(part) ? "{}" : part)).join(".");
    push(
      pathsByTensor,
      JSON.stringify([template, shape, dtype]),
      parts.filter((part) => WHOLE_NUMBER.test(part)).map(Number),
    );
  }

  const folded: Record<string, Record<string, readonly number[]>> = {};
  for (const [key, paths] of pathsByTensor) {
    const [template, shape, dtype] = JSON.parse(key) as NamedShape;
    for (const ranges of foldPaths(paths)) {
      const rangesLeft = ranges.values();
      const foldedName = template.replaceAll("{}", () => rangesLeft.next().value ?? "");
      (folded[dtype] ??= {})[foldedName] = shape;
    }
  }
  return folded;
}

/** The fewest lists of ranges whose products are exactly these paths, joining first numbers that go on alike. */
function foldPaths(paths: readonly IndexPath[]): string[][] {
  if (paths.every((path) => path.length === 0)) return [[]];
  const restsByFirst = new Map<number, IndexPath[]>();
  for (const [first = 0, ...rest] of paths) push(restsByFirst, first, rest);
  const firstsByRest = new Map<string, number[]>();
  for (const [first, rests] of restsByFirst) push(firstsByRest, JSON.stringify(foldPaths(rests)), first);
  return [...firstsByRest].flatMap(([rest, firsts]) =>
    (JSON.parse(rest) as string[][]).map((ranges) => [foldNumbers(firsts), ...ranges]),
  );
}

/** 0, 1, 2, 4 → `{0-2,4}`; a single number is itself. */
function foldNumbers(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range?.last === number - 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  const texts = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return numbers.length === 1 ? texts.join() : `{${texts.join()}}`;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
