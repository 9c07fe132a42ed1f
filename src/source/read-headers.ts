import pMap from "p-map";
import { LlmSizeError } from "../errors.ts";
import { readGgufHeader } from "../format/gguf/header.ts";
import { MalformedError } from "../format/malformed.ts";
import type { ReadRange } from "../format/read-range.ts";
import { readSafetensorsHeader } from "../format/safetensors.ts";
import type { Tensor } from "../format/tensor.ts";
import { readTorchTensors } from "../format/torch/checkpoint.ts";
import type { ListedFile, WeightFormat } from "../format/weight-file.ts";
import { describeConfig, type Config } from "../format/config.ts";
import { describeGgufConfig } from "../model/gguf-config.ts";
import type { Header } from "./cache/entry.ts";
import type { Repository } from "./repository.ts";

type ReadHeader = (file: ListedFile, readRange: ReadRange) => Promise<Header>;

const HEADER_READERS = {
  safetensors: async (file, readRange) => ({
    tensors: await readSafetensorsHeader(file, readRange),
    description: null,
  }),
  pytorch: async (file, readRange) => ({
    tensors: (await readTorchTensors(file, readRange)).tensors,
    description: null,
  }),
  gguf: async (file, readRange) => {
    const { tensors, architecture, metadata } = await readGgufHeader(file, readRange);
    return { tensors, description: describeGgufConfig(architecture, metadata, tensors) };
  },
} satisfies Partial<Record<WeightFormat, ReadHeader>>;

export type ReadableFormat = keyof typeof HEADER_READERS;

/** True for a format whose headers can be read; of the others only the sizes are known. */
export function isReadable(format: WeightFormat): format is ReadableFormat {
  return format in HEADER_READERS;
}

/** Thirty shards take one round trip and not two. */
const FILES_AT_A_TIME = 32;

/** Reads the headers of weight files of one format, those that are not in the cache. Throws MALFORMED_WEIGHTS. */
export async function readHeaders(
  repository: Repository,
  format: ReadableFormat,
  files: readonly ListedFile[],
  onFileRead: () => void,
): Promise<{ tensors: readonly Tensor[]; config: Config | null }> {
  const { memory } = repository;
  const headers = await pMap(
    files,
    async (file) => {
      const kept = memory?.header(file.path);
      const header = kept ?? (await readHeader(repository, format, file));
      if (!kept) memory?.rememberHeader(file.path, header);
      onFileRead();
      return header;
    },
    { concurrency: FILES_AT_A_TIME },
  );
  const description = headers[0]?.description;
  return {
    tensors: headers.flatMap(({ tensors }) => tensors),
    config: description ? describeConfig(description) : null,
  };
}

async function readHeader(repository: Repository, format: ReadableFormat, file: ListedFile): Promise<Header> {
  try {
    return await HEADER_READERS[format](file, (begin, end) => repository.readRange(file, begin, end));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const context = { model: repository.id, path: file.path, reason: error.message };
    throw new LlmSizeError("MALFORMED_WEIGHTS", context, { cause: error });
  }
}
