/** Manifests of Ollama's registry → the files of a model. Source: ollama/ollama, manifest/ and types/model/config.go. */
import { isObject, lookUp } from "../../contract/json.ts";
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import type { RepositoryFile } from "../repository.ts";

/** A manifest of an MLX model lists every tensor; gemma4:26b-mlx has some thousand. */
export const MAX_MANIFEST_BYTES = 4_000_000;
const MAX_LAYERS = 20_000;

/** A config holds names and digests. */
export const MAX_CONFIG_BYTES = 1_000_000;

const CONFIG_NAME = "manifest-config.json";

interface Layer {
  /** The end of `application/vnd.ollama.image.<kind>`; null for any other media type. */
  readonly kind: string | null;
  readonly digest: string;
  readonly bytes: number;
  /** The path of a file, or the name of a tensor. */
  readonly name: string | null;
}

interface OllamaManifest {
  readonly layers: readonly Layer[];
  /** Small and in JSON; it says how the model is quantized. Null where there is none. */
  readonly config: RepositoryFile | null;
}

/** Parse a manifest; unknown where it is not of a model. */
function parseManifest(text: string): OllamaManifest | Unknown {
  const manifest = parseJson(text);
  if (!isObject(manifest)) return unknown("its manifest is not a JSON object");
  const { schemaVersion, manifests, layers, config } = manifest;
  if (Array.isArray(manifests))
    return unknown("its manifest is a list of manifests, which llm-size does not read");
  if (schemaVersion !== 2)
    return unknown(`its manifest is of schema ${Number(schemaVersion) || "?"}, and llm-size reads schema 2`);
  if (!Array.isArray(layers)) return unknown("its manifest lists no layers");
  if (layers.length > MAX_LAYERS) return unknown(`its manifest lists more than ${MAX_LAYERS} layers`);
  const parsed: Layer[] = [];
  for (const [index, layer] of layers.entries()) {
    const one = parseLayer(layer);
    if (one === null) return unknown(`layer ${index + 1} of its manifest lacks a valid digest or size`);
    parsed.push(one);
  }
  if (!parsed.some(({ kind }) => kind === "model" || kind === "tensor"))
    return unknown(
      parsed.some(({ kind }) => kind === null)
        ? "its manifest lists no model of Ollama; it may be of an image for Docker"
        : "its manifest lists no weights, as for models that run in the cloud",
    );
  const own = parseLayer(config);
  return { layers: parsed, config: own && { path: CONFIG_NAME, bytes: own.bytes, hash: own.digest } };
}

function parseLayer(layer: unknown): Layer | null {
  const { mediaType, digest, size, name } = isObject(layer) ? layer : {};
  const kind = /^application\/vnd\.ollama\.image\.([a-z]{1,20})$/.exec(String(mediaType))?.[1] ?? null;
  const hex = /^sha256:([0-9a-f]{64})$/.exec(String(digest))?.[1];
  if (hex === undefined || !Number.isSafeInteger(size) || Number(size) < 0) return null;
  return { kind, digest: hex, bytes: Number(size), name: typeof name === "string" ? name : null };
}

/** Parse what the config says of the weights: `Q4_K_M`; null where it does not. Unknown for a model that is elsewhere. */
function parseQuantizationLabel(text: string): string | null | Unknown {
  const config = parseJson(text);
  const { remote_host: host, remote_model: model, file_type: label } = isObject(config) ? config : {};
  if (host || model) return unknown("it runs in the cloud, and nothing is downloaded");
  return typeof label === "string" && /^[A-Z][A-Z\d_]{1,15}$/.test(label) ? label : null;
}

/** Layers by what they are; source: ollama/ollama, server/model.go and x/create. */
const LAYER_NAMES: Readonly<Record<string, string>> = {
  projector: "mmproj.gguf",
  adapter: "adapter.gguf",
  draft: "draft-model.gguf",
  template: "template.txt",
  system: "system.txt",
  prompt: "prompt.txt",
  license: "LICENSE",
  params: "params.json",
  messages: "messages.json",
};

/** Name the layers as files, each content once, and the config with them. */
function listLayerFiles({ layers, config }: OllamaManifest, label: string | null): RepositoryFile[] {
  const tensors = new Set(layers.flatMap(({ kind, digest }) => (kind === "tensor" ? [digest] : []))).size;
  const files = new Map<string, RepositoryFile>();
  const digests = new Set<string>();
  let shard = 0;
  for (const { kind, digest, bytes, name } of layers) {
    if (digests.has(digest)) continue;
    digests.add(digest);
    if (kind === "tensor") shard++;
    const path = numberPath(
      kind === "tensor" ? nameShard(shard, tensors) : nameLayer(kind, name, label),
      files,
    );
    files.set(path, { path, bytes, hash: digest });
  }
  return [...files.values(), ...(config && !digests.has(config.hash ?? "") ? [config] : [])];
}

function nameLayer(kind: string | null, name: string | null, label: string | null): string {
  if (kind === null) return "layer.unknown";
  if (kind === "model") return label === null ? "model.gguf" : `model-${label}.gguf`;
  if (kind === "json" && name !== null && isFileName(name)) return name;
  return lookUp(LAYER_NAMES, kind) ?? `${kind}.json`;
}

/** A model may have two licenses: `LICENSE`, `LICENSE-2`; `template.txt`, `template-2.txt`. */
function numberPath(path: string, files: ReadonlyMap<string, unknown>): string {
  const [, stem = path, ending = ""] = /^(.*?)(\.[^./]*)?$/.exec(path) ?? [];
  let free = path;
  for (let number = 2; files.has(free); number++) free = `${stem}-${number}${ending}`;
  return free;
}

/** Newer models are one small safetensors file per tensor, which are read as shards. */
function nameShard(number: number, count: number): string {
  const [own, all] = [number, count].map((value) => String(value).padStart(5, "0"));
  return `model-${own}-of-${all}.safetensors`;
}

function isFileName(name: string): boolean {
  return /^[\w][\w.-]{0,127}(?:\/[\w][\w.-]{0,127}){0,3}$/.test(name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Return the files of a model whose manifest was read; unknown where it is not of a model. */
export async function buildFiles(
  text: string,
  readConfig: (config: RepositoryFile) => Promise<string | null>,
): Promise<readonly RepositoryFile[] | Unknown> {
  const manifest = parseManifest(text);
  if (isUnknown(manifest)) return manifest;
  const { config } = manifest;
  const known = config !== null && config.bytes <= MAX_CONFIG_BYTES ? await readConfig(config) : null;
  const label = known === null ? null : parseQuantizationLabel(known);
  return isUnknown(label) ? label : listLayerFiles(manifest, label);
}
