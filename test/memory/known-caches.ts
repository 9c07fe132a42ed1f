import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describeConfig, type Config, type JsonObject } from "../../src/format/config.ts";
import { describeCacheLayers, type CacheLayer } from "../../src/memory/layers.ts";

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

const configs = new Map(
  lines<{ id: string; config: JsonObject }>(gunzipSync(fixture("models/models.jsonl.gz")).toString()).map(
    ({ id, config }) => [id, config],
  ),
);

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
  return describeConfig(typeof model === "string" ? rawConfigOf(model) : model);
}

export function layersOf(model: string | JsonObject): readonly CacheLayer[] {
  const described = describeCacheLayers(configOf(model));
  if (!described.layers) throw new Error(described.reason);
  return described.layers;
}
