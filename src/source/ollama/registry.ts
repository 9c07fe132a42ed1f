/** Models of Ollama's registry: the manifest of a tag, and byte ranges of its blobs. Nobody promises its API. */
import { createHash } from "node:crypto";
import { isUnknown } from "../../contract/unknown.ts";
import { LlmSizeError } from "../../errors.ts";
import type { Cache } from "../cache/cache.ts";
import type { Entry } from "../cache/entry.ts";
import { startRecord } from "../cache/record.ts";
import type { Hub } from "../hub/hub.ts";
import type { HubAnswer, HubRequest } from "../hub/request.ts";
import { validateRange, validateText } from "../hub/validate.ts";
import { readFilesIn } from "../local.ts";
import { sumBytes, UNKNOWN_REPOSITORY, type Repository, type RepositoryFile } from "../repository.ts";
import { buildFiles, MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from "./manifest.ts";
import { formatOllamaName, type OllamaName } from "./name.ts";
import { blobPath, hasBlob } from "./store.ts";

/** The form to prefer: a registry of one's own may else send a list of manifests, or schema 1. */
const MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";

export interface RegistryPlaces {
  readonly cache: Cache | null;
  /** Ollama's store on this disk, whose blobs need not be fetched; null for none. */
  readonly store: string | null;
}

/** Open a model of the registry. Its manifest is requested; what the cache has of that manifest is not. */
export async function openRegistryModel(
  registry: Hub,
  name: OllamaName,
  { cache, store }: RegistryPlaces,
): Promise<Repository> {
  const { endpoint } = registry.settings;
  const model = formatOllamaName(name);
  const { body } = await registry.request(`${endpoint}/v2/${pathOf(name)}/manifests/${name.tag}`, {
    label: { model },
    accept: MANIFEST_TYPE,
    maxBytes: MAX_MANIFEST_BYTES,
    validate: validateManifest,
  });
  const commit = hash(body);
  const found = (await cache?.read(entryId(name), commit)) ?? null;
  const entry = found ?? { ...startEntry(endpoint, name, commit), files: await readFiles() };
  const cached = cache && startRecord(cache, entry, { ...recordOptions(name), isCached: found !== null });
  return openRegistryEntry(registry, name, { entry, source: found ? "cache" : "ollama", cached, store });

  async function readFiles(): Promise<readonly RepositoryFile[]> {
    const files = await buildFiles(new TextDecoder().decode(body), async (config) => {
      const blob = openBlob(registry, name, { file: config, store });
      return new TextDecoder().decode(await blob.readText(MAX_CONFIG_BYTES));
    });
    if (!isUnknown(files)) return files;
    throw new LlmSizeError("MANIFEST_UNSUPPORTED", { model, reason: files.reason });
  }
}

/** Open a model by its cached manifest; what the cache lacks is requested. */
export function openRegistryEntry(
  registry: Hub,
  name: OllamaName,
  opened: Pick<RegistryPlaces, "store"> & Pick<Repository, "source" | "cached"> & { readonly entry: Entry },
): Repository {
  const { entry, source, cached, store } = opened;
  const { files, commit } = entry;
  const blobs = new Map(files.map((file) => [file.path, openBlob(registry, name, { file, store })] as const));
  const find = (path: string) => {
    const blob = blobs.get(path);
    if (blob) return blob;
    throw new LlmSizeError("FILE_NOT_FOUND", { model: formatOllamaName(name), path });
  };
  return {
    ...UNKNOWN_REPOSITORY,
    id: formatOllamaName(name),
    revision: commit,
    source,
    files,
    isPulledWhole: true,
    repositoryBytes: sumBytes(files),
    cached,
    results: cached?.results ?? null,
    async readText(path, maxBytes) {
      const known = await cached?.text(path);
      if (known !== undefined) return known;
      const text = new TextDecoder().decode(await find(path).readText(maxBytes));
      cached?.addText(path, text);
      return text;
    },
    readRange: ({ path }, begin, end) => find(path).readRange(begin, end),
  };
}

interface Blob {
  /** Read all of it, and compare it with its digest. */
  readText(maxBytes: number): Promise<Uint8Array>;
  readRange(begin: number, end: number): Promise<Uint8Array>;
}

/** Return readers of one blob: from the store where it is there with all its bytes, else from where the registry leads. */
function openBlob(
  registry: Hub,
  name: OllamaName,
  { file, store }: { readonly file: RepositoryFile } & Pick<RegistryPlaces, "store">,
): Blob {
  const model = formatOllamaName(name);
  const { path, bytes } = file;
  const url = `${registry.settings.endpoint}/v2/${pathOf(name)}/blobs/sha256:${file.hash}`;
  let isHere: Promise<boolean> | null = null;
  /** Where the blob was last served, so that a second read need not be redirected again. */
  let shortcut: string | undefined;

  async function readStored(begin: number, end: number): Promise<Uint8Array | null> {
    isHere ??= store === null ? Promise.resolve(false) : hasBlob(store, file);
    if (store === null || !(await isHere)) return null;
    return readFilesIn(store, model).readRange({ path: blobPath(file), bytes }, begin, end);
  }

  async function request(options: Pick<HubRequest, "range" | "maxBytes" | "validate">): Promise<HubAnswer> {
    const label = { model, path };
    const answer = await registry.request(url, { label, allowForeignOrigin: true, shortcut, ...options });
    shortcut = answer.url;
    return answer;
  }

  return {
    async readText(maxBytes) {
      if (bytes > maxBytes)
        throw new LlmSizeError("MALFORMED_WEIGHTS", {
          model,
          path,
          reason: `it is longer than ${maxBytes} bytes`,
        });
      const stored = await readStored(0, bytes);
      if (stored) return stored;
      return (await request({ maxBytes: bytes, validate: (answer) => validateText(answer, file) })).body;
    },
    async readRange(begin, end) {
      const stored = await readStored(begin, end);
      if (stored) return stored;
      const isWhole = end - begin === bytes;
      const answer = await request({
        ...(!isWhole && { range: { begin, end } }),
        maxBytes: end - begin,
        validate: (received) => validateRange(received, { begin, end }, file),
      });
      if (!isWhole && answer.status === 200) throw new LlmSizeError("RANGE_IGNORED", { model, path });
      return answer.body;
    },
  };
}

/** Return what is wrong with a manifest. Its type is not: Ollama's registry sends text/plain. */
function validateManifest({ headers, body }: HubAnswer): string | null {
  const digest = headers.get("docker-content-digest") ?? headers.get("ollama-content-digest");
  if (digest !== null && digest !== `sha256:${hash(body)}`) return "its content does not have its digest";
  try {
    JSON.parse(new TextDecoder().decode(body));
    return null;
  } catch {
    return "it is not JSON";
  }
}

function hash(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

function pathOf({ namespace, model }: OllamaName): string {
  return `${namespace}/${model}`;
}

/** The id under which the cache has a model; its revision is the tag. */
export function entryId(name: OllamaName): string {
  return pathOf(name);
}

export function recordOptions(name: OllamaName) {
  return { aliases: [entryId(name)], revision: name.tag };
}

function startEntry(endpoint: string, name: OllamaName, commit: string) {
  return {
    endpoint,
    id: entryId(name),
    commit,
    summary: null,
    baseModel: null,
  };
}
