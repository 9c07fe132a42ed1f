/** The tensors of a package, by the format of each part. */
import { workInParallel } from "../source/in-parallel.ts";
import type { Repository, RepositoryFile, WeightHeader } from "../source/repository.ts";
import { buildConfig, type Config } from "./config.ts";
import { inFile, MalformedError, UnreadableError } from "./malformed.ts";
import { PACKAGE_FORMATS } from "./packages/package-formats.ts";
import type { PackagePart } from "./packages/package-part.ts";
import type { Tensor } from "./tensor.ts";

/** The contents of the headers of a part. */
export interface PartHeader {
  readonly tensors: readonly Tensor[];
  /** Where the format has one: a GGUF file states its model's dimensions. */
  readonly config: Config | null;
}

/** Thirty shards take one round trip and not two. */
const FILES_AT_A_TIME = 32;

/** Twice as many as Kimi-K3 has. A million take about a gigabyte of memory. */
const MAX_TENSORS = 1_000_000;

/** True for a part with headers that can be read; of others only the sizes are known. */
export function isReadable({ format, files }: PackagePart): boolean {
  return PACKAGE_FORMATS[format].reader !== undefined && !files.some(({ isLfsPointer }) => isLfsPointer);
}

/** How many files of a part have headers to read. */
export function countHeaders(part: PackagePart): number {
  return PACKAGE_FORMATS[part.format].reader?.listHeaders(part).length ?? 0;
}

/**
 * Read the headers of a part, those that are not in the cache. Throws UnreadableError for a format or a file that is not
 * read, and MalformedError.
 */
export async function readPart(
  repository: Repository,
  part: PackagePart,
  onFileRead: () => void,
): Promise<PartHeader> {
  const { reader } = PACKAGE_FORMATS[part.format];
  if (!reader) throw new UnreadableError(`${part.format} files are not read`);
  const { cached } = repository;
  const files = reader.listHeaders(part);
  let count = 0;
  const headers: WeightHeader[] = [];
  await workInParallel(files.entries(), FILES_AT_A_TIME, async ([index, file]) => {
    const known = await cached?.header(file.path);
    const header = known ?? (await inFile(file.path, () => reader.readHeader(file, part, repository)));
    if (!known) cached?.addHeader(file.path, header);
    count += header.tensors.length;
    if (count > MAX_TENSORS)
      throw new MalformedError(`its files have more than ${MAX_TENSORS} tensors`, file.path);
    onFileRead();
    headers[index] = header;
  }).catch((error: unknown) => {
    if (!(error instanceof MalformedError) || reader.isStrict) throw error;
    throw new UnreadableError(error.message, error.path);
  });
  const config = headers[0]?.config;
  return {
    tensors: isRanks(files)
      ? (await import("./torch/ranks.ts")).joinRanks(headers.map(({ tensors }) => tensors))
      : headers.flatMap(({ tensors }) => tensors),
    config: config ? buildConfig(config) : null,
  };
}

/** Meta's `consolidated.00.pth`, `consolidated.01.pth` … are one model on several devices. */
function isRanks(files: readonly RepositoryFile[]): boolean {
  return files.length > 1 && files.every(({ path }) => /(?:^|\/)consolidated\.\d{2}\.pth$/.test(path));
}
