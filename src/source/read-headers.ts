import pMap from "p-map";
import { LlmSizeError } from "../errors.ts";
import type { ListedFile } from "../format/weight-file.ts";
import { MalformedError } from "../format/malformed.ts";
import { LENGTH_BYTES, parseHeaderLength, parseSafetensorsHeader } from "../format/safetensors.ts";
import type { Tensor } from "../format/tensor.ts";
import type { Repository } from "./repository.ts";

/** A first read of this size holds the header of nearly every shard, and keeps 30 of them under a megabyte. */
const FIRST_READ_BYTES = 32_000;

const FILES_AT_A_TIME = 16;

/** Reads the headers of weight files, each with one range, or two where the header is longer. */
export async function readTensors(
  repository: Repository,
  files: readonly ListedFile[],
  onFileRead: () => void,
): Promise<Tensor[]> {
  const tensors = await pMap(
    files,
    async (file) => {
      const header = await readFileTensors(repository, file);
      onFileRead();
      return header;
    },
    { concurrency: FILES_AT_A_TIME },
  );
  return tensors.flat();
}

async function readFileTensors(repository: Repository, file: ListedFile): Promise<Tensor[]> {
  try {
    const start = await repository.readRange(file, 0, Math.min(file.bytes, FIRST_READ_BYTES));
    const end = LENGTH_BYTES + parseHeaderLength(start, file.bytes);
    const header = new Uint8Array(end - LENGTH_BYTES);
    header.set(start.subarray(LENGTH_BYTES, end));
    if (end > start.length)
      header.set(await repository.readRange(file, start.length, end), start.length - LENGTH_BYTES);
    return parseSafetensorsHeader(header, file.bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const context = { model: repository.id, path: file.path, reason: error.message };
    throw new LlmSizeError("MALFORMED_WEIGHTS", context, { cause: error });
  }
}
