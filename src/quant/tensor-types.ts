import type { PredictedTensor } from "./scheme.ts";

/** The tensors of a file that have one name, apart from the number of their layer, and one type. */
interface TensorGroup {
  /** With `*` for numbers: `blk.*.attn_v.weight`. */
  readonly name: string;
  readonly type: string;
  /** The layers that have this type: `0-3,6,9`; null outside of layers. */
  readonly layers: string | null;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
}

/** Group tensors by name and type: first those outside of layers, then by name, the most bits first. */
export function groupTensors(tensors: readonly PredictedTensor[]): TensorGroup[] {
  const groups = new Map<string, PredictedTensor[]>();
  for (const tensor of tensors) {
    const key = `${toPattern(tensor.name)} ${tensor.type}`;
    groups.set(key, [...(groups.get(key) ?? []), tensor]);
  }
  return [...groups.values()].map(buildGroup).toSorted(compareGroups);
}

function buildGroup(members: readonly PredictedTensor[]): TensorGroup {
  const { name = "", type = "" } = members[0] ?? {};
  const layers = new Set(members.flatMap((tensor) => /\.(\d+)\./.exec(tensor.name)?.[1] ?? []).map(Number));
  return {
    name: toPattern(name),
    type,
    layers: layers.size > 0 ? formatRanges([...layers].toSorted((a, b) => a - b)) : null,
    tensors: members.length,
    parameters: members.reduce((sum, { weights }) => sum + weights, 0),
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function compareGroups(a: TensorGroup, b: TensorGroup): number {
  const isOuter = Number(a.layers !== null) - Number(b.layers !== null);
  if (isOuter !== 0 || a.name !== b.name) return isOuter || (a.name < b.name ? -1 : 1);
  return b.bytes / b.parameters - a.bytes / a.parameters;
}

function toPattern(name: string): string {
  return name.replace(/(?<=\.)\d+(?=\.)/g, "*");
}

/** @example formatRanges([0, 1, 2, 5]) //=> "0-2,5" */
function formatRanges(sorted: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const value of sorted) {
    const last = ranges.at(-1);
    if (last && last[1] === value - 1) last[1] = value;
    else ranges.push([value, value]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(",");
}
