/** The cached data of one model at one commit, and its serialization. */
import { isCount, isObject, type JsonObject } from "../../contract/json.ts";
import type { HubSummary, RepositoryFile, WeightHeader } from "../repository.ts";
import { TENSOR_USES, type Tensor } from "../tensor.ts";

/** The model and the commit of a cached file, which it states itself. */
export interface EntryRef {
  /** The Hub it comes from. */
  readonly endpoint: string;
  readonly id: string;
  /** 40 hex digits, or for Ollama the 64 of the manifest. A commit never changes, so its entry never expires. */
  readonly commit: string;
}

export interface Entry extends EntryRef {
  readonly summary: HubSummary | null;
  readonly baseModel: string | null;
  readonly files: readonly RepositoryFile[];
}

/** The files of an entry that were read: larger, and not needed where a result is kept. */
export interface Contents {
  /** Small files by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Headers of weight files by path. */
  readonly headers: ReadonlyMap<string, WeightHeader>;
}

export const NO_CONTENTS: Contents = { texts: new Map(), headers: new Map() };

/** The measurement of one model at one commit in one set of settings, by one build. */
export interface KeptResult extends EntryRef {
  readonly build: string;
  readonly settings: string;
  readonly result: JsonObject;
}

/** Raise it with every change of the content or its form; a test pins both. `prune` removes older entries. */
export const CACHE_VERSION = 6;

type Row = readonly [
  name: string,
  shape: readonly number[],
  dtype: string,
  bytes: number,
  more?: Pick<Tensor, "sharedWith" | "is" | "location">,
];

/** Serialize an entry as one line of JSON. */
export function renderEntry({ endpoint, id, commit, summary, baseModel, files }: Entry): string {
  return JSON.stringify({
    version: CACHE_VERSION,
    endpoint,
    id,
    commit,
    summary,
    baseModel,
    files: files.map(({ path, bytes, hash }) => [path, bytes, hash]),
  });
}

/** Serialize the contents of an entry as one line of JSON. */
export function renderContents({ endpoint, id, commit }: EntryRef, { texts, headers }: Contents): string {
  return JSON.stringify({
    version: CACHE_VERSION,
    endpoint,
    id,
    commit,
    texts: [...texts],
    headers: [...headers].map(([path, { tensors, config }]) => [path, config, tensors.map(toRow)]),
  });
}

export function renderResult(kept: KeptResult): string {
  return JSON.stringify({ version: CACHE_VERSION, ...kept });
}

function toRow({ name, shape, dtype, bytes, sharedWith, is, location }: Tensor): Row {
  if (!sharedWith && is === undefined && location === undefined) return [name, shape, dtype, bytes];
  const more = { ...(sharedWith && { sharedWith }), ...(is && { is }), ...(location && { location }) };
  return [name, shape, dtype, bytes, more];
}

/** Parse an entry; null for anything but an entry of this version. */
export function parseEntry(text: string): Entry | null {
  return parse(text, (row) => ({
    ...asRef(row),
    summary: row["summary"] === null ? null : asSummary(row["summary"]),
    baseModel: row["baseModel"] === null ? null : asString(row["baseModel"]),
    files: asArray(row["files"]).map((file) => {
      const [path, bytes, hash] = asArray(file);
      return { path: asString(path), bytes: asCount(bytes), ...(hash ? { hash: asString(hash) } : {}) };
    }),
  }));
}

/** Parse contents; null for anything but contents of this version. */
export function parseContents(text: string): (EntryRef & Contents) | null {
  return parse(text, (row) => ({
    ...asRef(row),
    texts: new Map(
      asArray(row["texts"]).map((pair) => {
        const [path, content] = asArray(pair);
        return [asString(path), asString(content)];
      }),
    ),
    headers: new Map(
      asArray(row["headers"]).map((header) => {
        const [path, config, tensors] = asArray(header);
        return [
          asString(path),
          { config: config === null ? null : asObject(config), tensors: asArray(tensors).map(asTensor) },
        ];
      }),
    ),
  }));
}

/** Parse a result; null for anything but a result of this version. What was measured is not looked at: see `Cache`. */
export function parseResult(text: string): KeptResult | null {
  return parse(text, (row) => ({
    ...asRef(row),
    build: asString(row["build"]),
    settings: asString(row["settings"]),
    result: asObject(row["result"]),
  }));
}

function parse<Value>(text: string, read: (row: JsonObject) => Value): Value | null {
  try {
    const row = JSON.parse(text) as unknown;
    return isObject(row) && row["version"] === CACHE_VERSION ? read(row) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function asRef(row: JsonObject): EntryRef {
  return {
    endpoint: asString(row["endpoint"]),
    id: asString(row["id"]),
    commit: asString(row["commit"]),
  };
}

function asTensor(row: unknown): Tensor {
  const [name, shape, dtype, bytes, more = {}] = asArray(row);
  const { sharedWith, is, location } = asObject(more);
  return {
    name: asString(name),
    shape: asArray(shape).map(asCount),
    dtype: asString(dtype),
    bytes: asCount(bytes),
    ...(sharedWith !== undefined && { sharedWith: asString(sharedWith) }),
    ...(is !== undefined && { is: asTensorUse(is) }),
    ...(location !== undefined && { location: asString(location) }),
  };
}

function asSummary(value: unknown): HubSummary {
  const { total, byDtype } = asObject(value);
  const counts = Object.entries(asObject(byDtype)).map(([dtype, count]) => [dtype, asCount(count)] as const);
  return { total: asCount(total), byDtype: Object.fromEntries(counts) };
}

const asArray = check((value): value is readonly unknown[] => Array.isArray(value));
const asObject = check(isObject);
const asString = check((value) => typeof value === "string");
const asTensorUse = check((value): value is NonNullable<Tensor["is"]> =>
  (TENSOR_USES as readonly unknown[]).includes(value),
);
const asCount = check(isCount);

function check<Value>(isValid: (value: unknown) => value is Value): (value: unknown) => Value {
  return (value) => {
    if (isValid(value)) return value;
    throw new TypeError("not an entry");
  };
}
