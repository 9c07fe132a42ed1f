import pMap from "p-map";
import { readGgufHeader } from "./gguf/header.ts";
import { inFile } from "./malformed.ts";
import type { ReadRange } from "./read-range.ts";
import { readSafetensorsHeader } from "./safetensors.ts";
import type { Tensor } from "./tensor.ts";
import { readTorchTensors } from "./torch/checkpoint.ts";
import type { WeightFormat } from "./weight-file.ts";
import { buildConfig, type Config } from "./config.ts";
import { describeGgufConfig } from "./gguf/config.ts";
import type { Repository, RepositoryFile, WeightHeader } from "../source/repository.ts";

type ReadHeader = (file: RepositoryFile, readRange: ReadRange) => Promise<WeightHeader>;

const HEADER_READERS = {
  safetensors: async (file, readRange) => ({
    tensors: await readSafetensorsHeader(file, readRange),
    config: null,
  }),
  pytorch: async (file, readRange) => ({
    tensors: (await readTorchTensors(file, readRange)).tensors,
    config: null,
  }),
  gguf: async (file, readRange) => {
    const { tensors, architecture, metadata } = await readGgufHeader(file, readRange);
    return { tensors, config: describeGgufConfig(architecture, metadata, tensors) };
  },
} satisfies Partial<Record<WeightFormat, ReadHeader>>;

export type ReadableFormat = keyof typeof HEADER_READERS;

/** True for a format whose headers can be read; for other formats only the sizes are known. */
export function isReadable(format: WeightFormat): format is ReadableFormat {
  return format in HEADER_READERS;
}

/** Enough to read 30 shards in one round trip. */
const FILES_AT_A_TIME = 32;

/** Read the headers of weight files of one format, unless they are cached. Throws MalformedError. */
export async function readHeaders(
  repository: Repository,
  format: ReadableFormat,
  files: readonly RepositoryFile[],
  onFileRead: () => void,
): Promise<{ tensors: readonly Tensor[]; config: Config | null }> {
  const { cached } = repository;
  const readHeader = (file: RepositoryFile): Promise<WeightHeader> =>
    HEADER_READERS[format](file, (begin, end) => repository.readRange(file, begin, end));
  const headers = await pMap(
    files,
    async (file) => {
      const known = cached?.header(file.path);
      const header = known ?? (await inFile(file.path, () => readHeader(file)));
      if (!known) cached?.addHeader(file.path, header);
      onFileRead();
      return header;
    },
    { concurrency: FILES_AT_A_TIME },
  );
  const config = headers[0]?.config;
  return {
    tensors: headers.flatMap(({ tensors }) => tensors),
    config: config ? buildConfig(config) : null,
  };
}
