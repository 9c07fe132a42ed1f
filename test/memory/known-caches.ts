import { readFileSync } from "node:fs";
import { buildConfig, type Config, type JsonObject } from "../../src/format/config.ts";
import { isUnknown } from "../../src/contract/unknown.ts";
import { inferKvCacheLayers } from "../../src/memory/kv-cache-layers.ts";
import type { KvCacheLayer } from "../../src/memory/kv-cache.ts";
import { readRealModels } from "../hub/real-models.ts";

interface KnownCache {
  readonly config: JsonObject;
  readonly tokens: number;
  readonly bytes: number;
}

const fixture = (path: string): Buffer => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));

const lines = <Row>(text: string): Row[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

const configs = new Map<string, JsonObject>(readRealModels().map(({ id, config }) => [id, config]));

interface PublishedModel {
  readonly id: string;
  readonly config?: JsonObject;
  readonly runs: readonly { readonly tokens: number; readonly bytes: number }[];
}

const published = lines<PublishedModel>(fixture("kv/kv.jsonl").toString());
for (const { id, config } of published) if (config) configs.set(id, config);

export const PUBLISHED: readonly (KnownCache & { readonly id: string })[] = published.flatMap(
  ({ id, runs }) => runs.map(({ tokens, bytes }) => ({ id, config: rawConfigOf(id), tokens, bytes })),
);

export const KINDS = lines<KnownCache & { readonly modelType: string }>(fixture("kv/kinds.jsonl").toString());

function rawConfigOf(id: string): JsonObject {
  const config = configs.get(id);
  if (!config) throw new Error(`${id} is not among the fixtures`);
  return config;
}

export function configOf(model: string | JsonObject): Config {
  return buildConfig(typeof model === "string" ? rawConfigOf(model) : model);
}

export function layersOf(model: string | JsonObject): readonly KvCacheLayer[] {
  const kvCache = inferKvCacheLayers(configOf(model));
  if (isUnknown(kvCache)) throw new Error(kvCache.reason);
  return kvCache.layers;
}

export function layersOrNull(config: Config): readonly KvCacheLayer[] | null {
  const kvCache = inferKvCacheLayers(config);
  return isUnknown(kvCache) ? null : kvCache.layers;
}
