import type { FoldedTensors } from "../../src/source/catalog/fold.ts";

/** Name, shape, dtype. */
export type NamedShape = readonly [name: string, shape: readonly number[], dtype: string];

/** Numbers in the name, from left to right: layer, expert. */
type IndexPath = readonly number[];

/** A part of a name between dots. */
const WHOLE_NUMBER = /(?<![^.])(?:0|[1-9]\d{0,8})(?![^.])/g;

/** Fold repeated layers and experts, so that `unfoldTensors` gives back the same set. Adds to `nameLists` what it lacks. */
export function foldTensors(tensors: readonly NamedShape[], nameLists: string[]): FoldedTensors {
  const shapesByGroup = new Map<string, Map<string, Map<string, string>>>();
  for (const [foldedName, shape, dtype] of foldNames(tensors)) {
    const prefix = /^.*\}(?:\.(?=.))?/.exec(foldedName)?.[0] ?? "";
    const groups = getOrAdd(shapesByGroup, dtype, () => new Map<string, Map<string, string>>());
    getOrAdd(groups, prefix, () => new Map<string, string>()).set(
      foldedName.slice(prefix.length),
      shape.join(),
    );
  }
  const folded = [...shapesByGroup].map(([dtype, groups]) => [
    dtype,
    [...groups].map(([prefix, shapes]) => foldGroup(prefix, shapes, nameLists)).join("|"),
  ]);
  return Object.fromEntries(folded) as FoldedTensors;
}

function foldGroup(prefix: string, shapes: ReadonlyMap<string, string>, nameLists: string[]): string {
  const names = [...shapes.keys()].join(" ");
  if (!nameLists.includes(names)) nameLists.push(names);
  return `${prefix} ${nameLists.indexOf(names)} ${[...shapes.values()].join(";")}`;
}

/** Names with ranges, in an order that models of one kind share. */
function foldNames(tensors: readonly NamedShape[]): NamedShape[] {
  const pathsByTensor = new Map<string, IndexPath[]>();
  for (const [name, shape, dtype] of tensors) {
    if (/[{}| ]/.test(name)) throw new Error(`${name}: braces, bars and spaces mark parts of a fold`);
    const path: number[] = [];
    const template = name.replace(WHOLE_NUMBER, (part) => {
      path.push(Number(part));
      return "{}";
    });
    getOrAdd(pathsByTensor, JSON.stringify([template, shape, dtype]), () => []).push(path);
  }
  return [...pathsByTensor]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([key, paths]) => {
      const [template, shape, dtype] = JSON.parse(key) as NamedShape;
      return foldPaths(paths).map((ranges) => {
        const rangesLeft = ranges.values();
        return [template.replaceAll("{}", () => rangesLeft.next().value ?? ""), shape, dtype] as const;
      });
    });
}

/** The fewest lists of ranges whose products are exactly these paths, joining first numbers that go on alike. */
function foldPaths(paths: readonly IndexPath[]): string[][] {
  if (paths.every((path) => path.length === 0)) return [[]];
  const restsByFirst = new Map<number, IndexPath[]>();
  for (const [first = 0, ...rest] of paths) getOrAdd(restsByFirst, first, () => []).push(rest);
  const firstsByRest = new Map<string, number[]>();
  for (const [first, rests] of restsByFirst)
    getOrAdd(firstsByRest, JSON.stringify(foldPaths(rests)), () => []).push(first);
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

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
