import { createByteCursor, type ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { readGrowing } from "../read-growing.ts";
import type { ReadRange } from "../read-range.ts";
import { readPickle } from "./pickle.ts";
import type { PickleValue } from "./pickle-value.ts";
import { readStateDict, type TorchTensor } from "./state-dict.ts";
import { createTorchWorld } from "./torch-world.ts";
import { findRecord, isZip, parseLocalHeader } from "./zip.ts";

/** The tensors of a file written by torch.save, read without running its pickle. */
export interface TorchCheckpoint {
  readonly tensors: readonly TorchTensor[];
  /** The sum of the distinct storages: more than that of the tensors if one is a slice, less if two share a storage. */
  readonly bytes: number;
}

/** Enough for the pickle of a model of 300 tensors. */
const FIRST_READ_BYTES = 64_000;
const MAX_PICKLE_BYTES = 32_000_000;

/** The magic number of files before torch 1.6: torch/serialization.py (pytorch/pytorch). */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;
const PICKLE_BEGIN = 0x80;

/**
 * Read the tensors of a `pytorch_model.bin`, zip archive or legacy. One range is enough for most files, because the
 * pickle that describes them comes first. Throws MalformedError.
 */
export async function readTorchTensors(
  file: { readonly bytes: number },
  readRange: ReadRange,
): Promise<TorchCheckpoint> {
  const range = { begin: 0, firstBytes: FIRST_READ_BYTES, maxBytes: MAX_PICKLE_BYTES };
  const root = await readGrowing(file, readRange, range, (bytes) => parseStart(bytes, file.bytes));
  if (root !== undefined) return readStateDict(root);
  const begin = await findRecord(file, readRange, isDataPickle);
  if (begin === null) throw new MalformedError("its zip archive does not contain data.pkl");
  return readStateDict(
    await readGrowing(file, readRange, { ...range, begin }, (bytes) => parseRecord(bytes, file.bytes)),
  );
}

/** Undefined if another tool repacked the archive, so that the pickle is no longer at the front. */
function parseStart(bytes: Uint8Array, fileBytes: number): PickleValue | undefined {
  if (bytes[0] === PICKLE_BEGIN) return parseLegacy(bytes, fileBytes);
  if (!isZip(bytes)) throw new MalformedError("it is neither a zip archive nor a pickle");
  return isDataPickle(parseLocalHeader(createByteCursor(bytes))) ? parseRecord(bytes, fileBytes) : undefined;
}

/** `archive/data.pkl`; the folder has the name of the file when it was saved. */
function isDataPickle(name: string): boolean {
  return /^[^/]+\/data\.pkl$/.test(name);
}

function parseRecord(bytes: Uint8Array, fileBytes: number): PickleValue {
  const cursor = createByteCursor(bytes);
  parseLocalHeader(cursor);
  return readRoot(cursor, fileBytes);
}

/** Pickles one after another: a magic number, a version, the machine, the checkpoint, and the keys of its storages. */
function parseLegacy(bytes: Uint8Array, fileBytes: number): PickleValue {
  const cursor = createByteCursor(bytes);
  const world = createTorchWorld();
  if (readPickle(cursor, world) !== LEGACY_MAGIC || readPickle(cursor, world) !== LEGACY_PROTOCOL)
    throw new MalformedError("its pickle was not written by torch.save");
  readPickle(cursor, world);
  return readRoot(cursor, fileBytes);
}

function readRoot(cursor: ByteCursor, fileBytes: number): PickleValue {
  const world = createTorchWorld();
  const root = readPickle(cursor, world);
  const bytes = [...world.storages.values()].reduce((sum, storage) => sum + storage.bytes, 0);
  if (cursor.position + bytes > fileBytes)
    throw new MalformedError(`its tensors have ${bytes} bytes; the file has ${fileBytes}`);
  return root;
}
