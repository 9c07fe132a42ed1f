/** Changes to files and JSON, each drawn from three numbers, so that fast-check can shrink a list of them. */
import { isObject } from "../../src/contract/json.ts";

/** What to change, where, and into what; each is taken modulo the number of choices. */
export type Mutation = readonly [kind: number, at: number, choice: number];

/** Numbers at the edges of what formats hold. */
const NUMBERS = [
  0,
  1,
  -1,
  2,
  7,
  255,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 50,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e308,
  0.5,
  -1e9,
];

const deep = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

/** Names and values that mean something to a terminal, a CI system, a path, a parser, or JavaScript. */
const VALUES: readonly unknown[] = [
  ...NUMBERS,
  null,
  true,
  "",
  " ",
  "::error::x ##[error]y",
  "\u001b[2J\u0007\u009b\u202e\r\n",
  "\ud800",
  "../../x",
  "/etc/passwd",
  "__proto__",
  "constructor",
  "toString",
  "=cmd|x",
  "|`<img>`",
  "x".repeat(3000),
  "NaN",
  [],
  {},
  [[]],
  [-1, 2 ** 53],
  [1e308],
  { length: 2 ** 31 },
  JSON.parse('{"__proto__":{"a":1}}'),
  Array.from({ length: 300 }, (_, index) => index),
  deep(2000),
];

const pick = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % items.length];

function toText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Change bytes in one of eight ways. */
export function mutateBytes(bytes: Uint8Array, [kind, where, choice]: Mutation): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = where % bytes.length;
  const length = 1 + (choice % 64);
  const changed = Buffer.from(bytes);
  const number = BigInt.asUintN(64, BigInt(Math.trunc(pick(NUMBERS.slice(0, -3), choice) ?? 0)));
  switch (kind % 8) {
    case 0:
      return changed.fill(choice & 0xff, at, at + 1);
    case 1:
      return changed.fill((bytes[at] ?? 0) ^ (1 << (choice % 8)), at, at + 1);
    case 2:
      if (at + 8 <= changed.length) changed.writeBigUInt64LE(number, at);
      return changed;
    case 3:
      if (at + 4 <= changed.length) changed.writeUInt32LE(Number(BigInt.asUintN(32, number)), at);
      return changed;
    case 4:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(at + length)]);
    case 5:
      return Buffer.concat([changed.subarray(0, at + length), changed.subarray(at)]);
    case 6:
      return Buffer.concat([
        changed.subarray(0, at),
        Buffer.from(toText(pick(VALUES, choice))),
        changed.subarray(at),
      ]);
    default:
      return changed.subarray(0, at);
  }
}

/** Change one value of a JSON document: replace, remove, rename or repeat it. */
export function mutateJson(document: unknown, [kind, where, choice]: Mutation): unknown {
  const copy = structuredClone(document);
  const places = listPlaces(copy);
  const place = pick(places, where);
  if (!place) return pick(VALUES, choice);
  const { parent, key } = place;
  const value = pick(VALUES, choice);
  switch (kind % 4) {
    case 0:
    case 1:
      parent[key] = value;
      return copy;
    case 2:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      return copy;
    default:
      if (Array.isArray(parent)) parent.push(parent[Number(key)], value);
      else
        Object.defineProperty(parent, toText(value), {
          value: parent[key],
          enumerable: true,
          configurable: true,
        });
      return copy;
  }
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

/** The first thousand places of a document, the outer ones first. */
function listPlaces(document: unknown): Place[] {
  const places: Place[] = [];
  let level: unknown[] = [document];
  while (level.length > 0 && places.length < 1000) {
    const next: unknown[] = [];
    for (const value of level) {
      if (!Array.isArray(value) && !isObject(value)) continue;
      const parent = value as unknown as Record<string, unknown>;
      for (const key of Object.keys(parent).slice(0, 100)) {
        places.push({ parent, key });
        next.push(parent[key]);
      }
    }
    level = next;
  }
  return places;
}

/** Change a text: as JSON where it is JSON and the mutation is even, else as bytes. */
export function mutateText(text: string, mutation: Mutation): string {
  const [kind, at, choice] = mutation;
  if (kind % 2 === 0)
    try {
      return JSON.stringify(mutateJson(JSON.parse(text), [kind / 2, at, choice])) ?? "";
    } catch {
      // not JSON
    }
  return new TextDecoder().decode(mutateBytes(new TextEncoder().encode(text), [kind >> 1, at, choice]));
}
