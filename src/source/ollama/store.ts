/** Models that Ollama has on this disk: `manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>`. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { isUnknown } from "../../contract/unknown.ts";
import { LlmSizeError } from "../../errors.ts";
import { sumBytes, type RepositoryFile } from "../repository.ts";
import { expandPath, type System } from "../settings.ts";
import { buildFiles, MAX_MANIFEST_BYTES } from "./manifest.ts";
import type { OllamaName } from "./name.ts";

/** A model of the store: its layers by names that say what they are, with their digests. */
export interface OllamaModel {
  readonly store: string;
  /** The SHA-256 of the manifest. */
  readonly digest: string;
  readonly files: readonly RepositoryFile[];
}

/** Return the folder of the store: OLLAMA_MODELS, else below the home folder; null for a user without one. */
export function findStore(system: System): string | null {
  const own = system.env["OLLAMA_MODELS"]?.trim();
  if (own) return expandPath(own, system);
  return system.home === null ? null : join(system.home, ".ollama", "models");
}

/** Return the path of a blob, relative to the store. */
export function blobPath({ path, hash }: RepositoryFile): string {
  return hash === undefined ? path : `blobs/sha256-${hash}`;
}

/** True where the store has all bytes of a blob. */
export async function hasBlob(store: string, file: RepositoryFile): Promise<boolean> {
  const blob = await stat(join(store, blobPath(file))).catch(() => null);
  return blob?.isFile() === true && blob.size === file.bytes;
}

/** Read the model of a name that was pulled from the registry of a host; null where it was not. */
export function readPulledModel(
  store: string,
  host: string,
  { namespace, model, tag }: OllamaName,
): Promise<OllamaModel | null> {
  return readOllamaModel(join(store, "manifests", host, namespace, model, tag));
}

/** Read the model of a manifest; null for a file that is not one of a store. */
export async function readOllamaModel(path: string): Promise<OllamaModel | null> {
  const segments = path.split(sep);
  const depth = segments.lastIndexOf("manifests");
  if (depth === -1) return null;
  const entry = await stat(path).catch(() => null);
  if (!entry?.isFile() || entry.size > MAX_MANIFEST_BYTES) return null;
  const manifest = await readFile(path).catch(() => new Uint8Array());
  const store = segments.slice(0, depth).join(sep);
  const files = await buildFiles(new TextDecoder().decode(manifest), async (config) =>
    (await hasBlob(store, config)) ? readFile(join(store, blobPath(config)), "utf8").catch(() => null) : null,
  );
  if (isUnknown(files)) return null;
  return { store, digest: createHash("sha256").update(manifest).digest("hex"), files };
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
    const candidates = models.map(({ path, model }) => ({ path, bytes: sumBytes(model.files) }));
    throw new LlmSizeError("SEVERAL_MODELS", { model: text, isLocal: true, candidates });
  }
  return models[0]?.model ?? null;
}
