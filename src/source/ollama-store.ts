/** Models that Ollama has on this disk: `manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>`. */
import { readFile, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { isObject, lookUp } from "../contract/json.ts";
import { LlmSizeError } from "../errors.ts";
import type { RepositoryFile } from "./repository.ts";

/** A model of the store: its layers by names that say what they are. */
export interface OllamaModel {
  readonly store: string;
  readonly files: readonly RepositoryFile[];
  /** The path of each file's bytes, relative to the store. */
  readonly blobs: ReadonlyMap<string, string>;
}

/** A manifest lists at most some hundreds of layers. */
const MAX_MANIFEST_BYTES = 1_000_000;

/** Layers by the end of `application/vnd.ollama.image.<kind>`; source: ollama/ollama, types/model and server/manifest.go. */
const LAYER_NAMES: Readonly<Record<string, string>> = {
  model: "model.gguf",
  projector: "mmproj.gguf",
  adapter: "adapter.gguf",
  draft: "draft-model.gguf",
  template: "template.txt",
  system: "system.txt",
  license: "LICENSE",
  params: "params.json",
  messages: "messages.json",
};

/** Read the model of a manifest; null for a file that is not one of a store. */
export async function readOllamaModel(path: string): Promise<OllamaModel | null> {
  const segments = path.split(sep);
  const depth = segments.lastIndexOf("manifests");
  if (depth === -1) return null;
  const entry = await stat(path).catch(() => null);
  if (!entry?.isFile() || entry.size > MAX_MANIFEST_BYTES) return null;
  const text = await readFile(path, "utf8").catch(() => "");
  const layers = parseLayers(text);
  return layers && { store: segments.slice(0, depth).join(sep), ...layers };
}

function parseLayers(text: string): Pick<OllamaModel, "files" | "blobs"> | null {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(manifest) || !Array.isArray(manifest["layers"])) return null;
  const layers = manifest["layers"].map(parseLayer);
  if (layers.some((layer) => layer === null)) return null;
  const known = layers.filter((layer) => layer !== null);
  const tensors = known.filter(({ kind }) => kind === "tensor").length;
  let shard = 0;
  const files: RepositoryFile[] = [];
  const blobs = new Map<string, string>();
  for (const { kind, digest, bytes } of known) {
    // Newer models are one small safetensors file per tensor, which are read as shards.
    const name =
      kind === "tensor" ? nameShard(++shard, tensors) : (lookUp(LAYER_NAMES, kind) ?? `${kind}.json`);
    const path = blobs.has(name) ? `${blobs.size}-${name}` : name;
    blobs.set(path, `blobs/sha256-${digest}`);
    files.push({ path, bytes });
  }
  return { files, blobs };
}

function nameShard(number: number, count: number): string {
  const [own, all] = [number, count].map((value) => String(value).padStart(5, "0"));
  return `model-${own}-of-${all}.safetensors`;
}

function parseLayer(
  layer: unknown,
): { readonly kind: string; readonly digest: string; readonly bytes: number } | null {
  const { mediaType, digest, size } = isObject(layer) ? layer : {};
  const kind = /^application\/vnd\.ollama\.image\.([a-z]{1,20})$/.exec(String(mediaType))?.[1];
  const hex = /^sha256:([0-9a-f]{64})$/.exec(String(digest))?.[1];
  if (kind === undefined || hex === undefined || !Number.isSafeInteger(size) || Number(size) < 0) return null;
  return { kind, digest: hex, bytes: Number(size) };
}

/** The manifests in the listing of a folder; empty where the folder is not a store. */
export async function findOllamaModels(
  folder: string,
  files: readonly RepositoryFile[],
): Promise<{ readonly path: string; readonly model: OllamaModel }[]> {
  if (!files.some(({ path }) => /^blobs\/sha256-[0-9a-f]{64}$/.test(path))) return [];
  const paths = files.filter(({ path }) => /^manifests(?:\/[^/]+){4}$/.test(path)).map(({ path }) => path);
  const found = await Promise.all(
    paths.map(async (path) => ({ path, model: await readOllamaModel(join(folder, ...path.split("/"))) })),
  );
  return found.flatMap(({ path, model }) => (model ? [{ path, model }] : []));
}

/** Choose the only model of a store. Throws SEVERAL_MODELS. */
export function chooseOllamaModel(
  text: string,
  models: readonly { readonly path: string; readonly model: OllamaModel }[],
): OllamaModel | null {
  if (models.length > 1) {
    const candidates = models.map(({ path, model }) => ({
      path,
      bytes: model.files.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
    throw new LlmSizeError("SEVERAL_MODELS", { model: text, isLocal: true, candidates });
  }
  return models[0]?.model ?? null;
}
