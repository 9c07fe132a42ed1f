/** The tensors of a package, by the format of each part. */
import pMap from "p-map";
import type { Repository, RepositoryFile, WeightHeader } from "../source/repository.ts";
import { buildConfig, type Config } from "./config.ts";
import { describeGgufConfig } from "./gguf/config.ts";
import { readGgufHeader } from "./gguf/header.ts";
import { inFile, MalformedError, UnreadableError } from "./malformed.ts";
import { parseMlcBits, parseMlcTensors } from "./mlc.ts";
import { readOpenvinoTensors } from "./openvino.ts";
import type { PackagePart } from "./packages/choose-package.ts";
import { readJson } from "./packages/complete.ts";
import type { PackageFormatName } from "./packages/package-format.ts";
import type { ReadRange } from "./read-range.ts";
import { readSafetensorsHeader } from "./safetensors.ts";
import type { Tensor } from "./tensor.ts";
import { readTorchTensors } from "./torch/checkpoint.ts";
import { parseDistributedMetadata } from "./torch/distributed.ts";
import { joinRanks } from "./torch/ranks.ts";

/** The contents of the headers of a part. */
export interface PartHeader {
  readonly tensors: readonly Tensor[];
  /** Where the format has one: a GGUF file states its model's dimensions. */
  readonly config: Config | null;
}

interface PartReader {
  /** The files of a part that have headers. */
  listHeaders(part: PackagePart): readonly RepositoryFile[];
  readHeader(file: RepositoryFile, part: PackagePart, repository: Repository): Promise<WeightHeader>;
}

const readerOf =
  (repository: Repository, file: RepositoryFile): ReadRange =>
  (begin, end) =>
    repository.readRange(file, begin, end);

const PART_READERS: Partial<Record<PackageFormatName, PartReader>> = {
  safetensors: {
    listHeaders: ({ files }) => files,
    readHeader: async (file, _, repository) => ({
      tensors: await readSafetensorsHeader(file, readerOf(repository, file)),
      config: null,
    }),
  },
  pytorch: {
    listHeaders: ({ files }) => {
      const metadata = files.filter(({ path }) => path.endsWith(".metadata"));
      return metadata.length > 0 ? metadata : files;
    },
    async readHeader(file, _, repository) {
      const readRange = readerOf(repository, file);
      if (!file.path.endsWith(".metadata"))
        return { tensors: (await readTorchTensors(file, readRange)).tensors, config: null };
      if (file.bytes > MAX_METADATA_BYTES) throw new UnreadableError(`its .metadata has ${file.bytes} bytes`);
      return { tensors: parseDistributedMetadata(await readRange(0, file.bytes)), config: null };
    },
  },
  gguf: {
    listHeaders: ({ files }) => files,
    async readHeader(file, { files }, repository) {
      const { tensors, architecture, metadata, split } = await readGgufHeader(
        file,
        readerOf(repository, file),
      );
      if (split && split.count > files.length)
        throw new MalformedError(
          `it is part ${split.index + 1} of ${split.count}, and ${files.length} are here`,
        );
      return { tensors, config: describeGgufConfig(architecture, metadata, tensors) };
    },
  },
  onnx: {
    listHeaders: ({ files }) => files.slice(0, 1),
    async readHeader(_, { header }) {
      if (!header) throw new UnreadableError("its graph is not read");
      return header;
    },
  },
  openvino: {
    listHeaders: ({ files }) => files.filter(({ path }) => path.endsWith(".xml")),
    async readHeader(file, { files }, repository) {
      const bin = files.find(({ path }) => path === file.path.replace(/\.xml$/, ".bin"));
      const tensors = await readOpenvinoTensors(file, readerOf(repository, file), bin?.bytes ?? 0);
      return { tensors, config: null };
    },
  },
  mlc: {
    listHeaders: ({ index }) => (index ? [index] : []),
    async readHeader(file, { folder }, repository) {
      const name = folder === "" ? MLC_CONFIG : `${folder}/${MLC_CONFIG}`;
      const config = repository.files.some(({ path }) => path === name)
        ? await readJson(repository, name)
        : null;
      const bits = parseMlcBits((config as { quantization?: unknown } | null)?.quantization);
      return {
        tensors: parseMlcTensors(await readJson(repository, file.path, file.bytes), bits),
        config: null,
      };
    },
  },
};

const MLC_CONFIG = "mlc-chat-config.json";
/** That of a model of 400 billion parameters has a few megabytes. */
const MAX_METADATA_BYTES = 32_000_000;

/** Thirty shards take one round trip and not two. */
const FILES_AT_A_TIME = 32;

/** Formats whose files must be sound: a broken header is an error, not merely unread. */
const STRICT: ReadonlySet<PackageFormatName> = new Set(["safetensors", "pytorch", "gguf"]);

/** True for a part with headers that can be read; of others only the sizes are known. */
export function isReadable({ format, files }: PackagePart): boolean {
  return format in PART_READERS && !files.some(({ isLfsPointer }) => isLfsPointer);
}

/** How many files of a part have headers to read. */
export function countHeaders(part: PackagePart): number {
  return PART_READERS[part.format]?.listHeaders(part).length ?? 0;
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
  const reader = PART_READERS[part.format];
  if (!reader) throw new UnreadableError(`${part.format} files are not read`);
  const { cached } = repository;
  const files = reader.listHeaders(part);
  const headers = await pMap(
    files,
    async (file) => {
      const known = cached?.header(file.path);
      const header = known ?? (await inFile(file.path, () => reader.readHeader(file, part, repository)));
      if (!known) cached?.addHeader(file.path, header);
      onFileRead();
      return header;
    },
    { concurrency: FILES_AT_A_TIME },
  ).catch((error: unknown) => {
    if (!(error instanceof MalformedError) || STRICT.has(part.format)) throw error;
    throw new UnreadableError(error.message, error.path);
  });
  const config = headers[0]?.config;
  return {
    tensors: isRanks(files)
      ? joinRanks(headers.map(({ tensors }) => tensors))
      : headers.flatMap(({ tensors }) => tensors),
    config: config ? buildConfig(config) : null,
  };
}

/** Meta's `consolidated.00.pth`, `consolidated.01.pth` … are one model on several devices. */
function isRanks(files: readonly RepositoryFile[]): boolean {
  return files.length > 1 && files.every(({ path }) => /(?:^|\/)consolidated\.\d{2}\.pth$/.test(path));
}
