import { createHash } from "node:crypto";
import { type ByteSource, bytesOf, sparseBytes } from "./bytes.ts";

/** What a test says of a file: real bytes, or the first bytes and the size of a big one, or any bytes (both always LFS). */
export type FileSource =
  | { readonly content: string | Uint8Array; readonly lfs?: boolean }
  | { readonly head: Uint8Array; readonly size: number }
  | { readonly source: ByteSource };

/** A file as the Hub keeps it. */
export interface StoredFile {
  readonly path: string;
  readonly content: ByteSource;
  /** The git blob id: of the bytes, or of the pointer of an LFS file. */
  readonly oid: string;
  readonly lfs: { readonly sha256: string; readonly xetHash: string } | null;
  /** What git holds: the bytes themselves, or the LFS pointer. */
  readonly inGit: ByteSource;
}

const HASHED_BYTES = 100_000;

type Unnamed = Omit<StoredFile, "path">;

/** Many tests serve the same file anew: it is hashed once. */
const stored = new WeakMap<FileSource, Unnamed>();

export function storeFile(path: string, source: FileSource): StoredFile {
  const file = stored.get(source) ?? hashFile(source);
  stored.set(source, file);
  return { path, ...file };
}

function hashFile(source: FileSource): Unnamed {
  if ("head" in source) {
    const content = sparseBytes(source.head, source.size);
    // The true sha256 of 70 GB of zeros would cost minutes: equal heads and sizes are equal files, which is all a test needs.
    return storeLfs(content, hash("sha256", `${source.size}\n`, source.head));
  }
  if ("source" in source) {
    const { size } = source.source;
    return storeLfs(source.source, hash("sha256", `${size}\n`, source.source.slice(0, HASHED_BYTES)));
  }
  const content = bytesOf(source.content);
  if (source.lfs) return storeLfs(content, hash("sha256", whole(content)));
  return { content, oid: gitBlobId(content), lfs: null, inGit: content };
}

function storeLfs(content: ByteSource, sha256: string): Unnamed {
  const pointer = bytesOf(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${content.size}\n`,
  );
  const lfs = { sha256, xetHash: hash("sha256", `xet ${sha256}`) };
  return { content, oid: gitBlobId(pointer), lfs, inGit: pointer };
}

function gitBlobId(content: ByteSource): string {
  return hash("sha1", `blob ${content.size}\0`, whole(content));
}

function whole(content: ByteSource): Uint8Array {
  return content.slice(0, content.size);
}

/** The digest of the parts, one after another, in hexadecimal. */
export function hash(algorithm: "sha1" | "sha256", ...parts: (string | Uint8Array)[]): string {
  const digest = createHash(algorithm);
  for (const part of parts) digest.update(part);
  return digest.digest("hex");
}
