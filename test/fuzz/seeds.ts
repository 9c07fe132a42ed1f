/** The files that are mutated: those of fixtures, small and of every format. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteSource } from "../hub/bytes.ts";
import { sourceOf, type Chunk } from "../cases/bytes.ts";
import { buildFiles, readCases } from "../cases/case.ts";
import { mutateBytes, mutateJson, mutateText, type Mutation } from "./mutations.ts";

/** A file as chunks of bytes; a number is a hole. */
export interface SeedFile {
  readonly name: string;
  readonly chunks: readonly Chunk[];
}

export interface SeedModel {
  readonly name: string;
  readonly files: readonly SeedFile[];
}

const MAX_CHUNK_BYTES = 2_000_000;
const FIXTURES = join(import.meta.dirname, "../../fixtures");

/** Read the models of all cases whose files are small. */
export function readSeedModels(): SeedModel[] {
  const models = readCases().map((one) => ({
    name: one.id,
    files: [...buildFiles(one)].map(([name, { chunks }]) => ({ name, chunks })),
  }));
  return models.filter(
    ({ files }) =>
      files.length < 60 &&
      files.every(({ chunks }) => chunks.every((chunk) => isHole(chunk) || chunk.length < MAX_CHUNK_BYTES)),
  );
}

/** Return the files of these names, each kind of content once, and those of a folder of fixtures. */
export function listSeedFiles(models: readonly SeedModel[], names: RegExp, folder?: string): SeedFile[] {
  const files = models.flatMap((model) =>
    model.files
      .filter(({ name, chunks }) => names.test(name) && chunks.some((chunk) => !isHole(chunk)))
      .map((file) => ({ ...file, name: `${model.name}/${file.name}` })),
  );
  const more =
    folder === undefined ? [] : readdirSync(join(FIXTURES, folder)).filter((name) => names.test(name));
  const read = more.map((name) => ({ name, chunks: [readFileSync(join(FIXTURES, folder ?? "", name))] }));
  return [...new Map([...read, ...files].map((file) => [fingerprint(file), file])).values()];
}

const isHole = (chunk: Chunk): chunk is number => typeof chunk === "number";

function fingerprint({ chunks }: SeedFile): string {
  return chunks.map((chunk) => (isHole(chunk) ? chunk : Buffer.from(chunk).toString("latin1"))).join("|");
}

export function toSource({ chunks }: SeedFile): ByteSource {
  return sourceOf(chunks);
}

/** Change one chunk of a file. The length before a header of JSON follows it. */
export function mutateFile(file: SeedFile, mutation: Mutation): SeedFile {
  const [kind, at, choice] = mutation;
  const chunks = [...file.chunks];
  const places = chunks.flatMap((chunk, index) => (isHole(chunk) ? [] : [index]));
  const place = places[at % Math.max(1, places.length)];
  const chunk = place === undefined ? undefined : chunks[place];
  if (place === undefined || chunk === undefined || isHole(chunk)) return file;
  const rest: Mutation = [kind >> 1, Math.floor(at / places.length), choice];
  if (kind % 2 === 1) return { ...file, chunks: chunks.with(place, Buffer.from(mutateBytes(chunk, rest))) };
  const [length, header] = chunks;
  if (
    length !== undefined &&
    header !== undefined &&
    !isHole(length) &&
    !isHole(header) &&
    length.length === 8
  ) {
    try {
      const value: unknown = JSON.parse(header.toString());
      const text = Buffer.from(JSON.stringify(mutateJson(value, rest)));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(text.length));
      return { ...file, chunks: [size, text, ...chunks.slice(2)] };
    } catch {
      // not a header of JSON
    }
  }
  return {
    ...file,
    chunks: chunks.with(place, Buffer.from(mutateText(Buffer.from(chunk).toString(), rest))),
  };
}
