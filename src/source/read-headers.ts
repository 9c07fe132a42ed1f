import pMap from "p-map";
import { LlmSizeError } from "../errors.ts";
import { readGgufHeader } from "../format/gguf/header.ts";
import { MalformedError } from "../format/malformed.ts";
import type { ReadRange } from "../format/read-range.ts";
import { readSafetensorsHeader } from "../format/safetensors.ts";
import type { Tensor } from "../format/tensor.ts";
import { readTorchTensors } from "../format/torch/checkpoint.ts";
import type { ListedFile, WeightFormat } from "../format/weight-file.ts";
import { describeConfig, type Config } from "../model/config.ts";
import { describeGgufConfig } from "../model/gguf-config.ts";
import type { Repository } from "./repository.ts";

/** What the header of one file tells. */
interface Header {
  readonly tensors: readonly Tensor[];
  /** What it says of the model, where the format does. */
  readonly config: Config | null;
}

type ReadHeader = (file: ListedFile, readRange: ReadRange) => Promise<Header>;

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
    return { tensors, config: describeConfig(describeGgufConfig(architecture, metadata)) };
  },
} satisfies Partial<Record<WeightFormat, ReadHeader>>;

export type ReadableFormat = keyof typeof HEADER_READERS;

/** True for a format whose headers can be read; of the others only the sizes are known. */
export function isReadable(format: WeightFormat): format is ReadableFormat {
  return format in HEADER_READERS;
}

const FILES_AT_A_TIME = 16;

/** Reads the headers of weight files of one format. Throws MALFORMED_WEIGHTS. */
export async function readHeaders(
  repository: Repository,
  format: ReadableFormat,
  files: readonly ListedFile[],
  onFileRead: () => void,
): Promise<Header> {
  const headers = await pMap(
    files,
    async (file) => {
      const header = await readHeader(repository, format, file);
      onFileRead();
      return header;
    },
    { concurrency: FILES_AT_A_TIME },
  );
  return { tensors: headers.flatMap(({ tensors }) => tensors), config: headers[0]?.config ?? null };
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
