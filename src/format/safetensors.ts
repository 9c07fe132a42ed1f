import { DTYPE_BITS } from "../source/tensor.ts";
import { countElements, type Tensor } from "./tensor.ts";
import { MalformedError } from "./malformed.ts";
import type { ReadRange } from "./read-range.ts";

const bitsOfDtype = new Map<string, number>(Object.entries(DTYPE_BITS));

/** The eight bytes before the header: its length. */
const LENGTH_BYTES = 8;

/** The limit of the Hub's own readers (huggingface.js and huggingface_hub); that of the format is 100,000,000. */
export const MAX_HEADER_BYTES = 25_000_000;

/** A first read of this size holds the header of nearly every shard, and keeps 30 of them under a megabyte. */
export const SHARD_READ_BYTES = 32_000;
/** And this the header of nearly every model in one file: 88 kB in openai-community/gpt2-xl. */
export const ONE_FILE_READ_BYTES = 100_000;

/** Read the tensors of a file with one range, or two if the header is longer than the first. Throws MalformedError. */
export async function readSafetensorsHeader(
  file: { readonly bytes: number },
  readRange: ReadRange,
  firstReadBytes = SHARD_READ_BYTES,
): Promise<Tensor[]> {
  const start = await readRange(0, Math.min(file.bytes, firstReadBytes));
  const end = LENGTH_BYTES + parseHeaderLength(start, file.bytes);
  const header = new Uint8Array(end - LENGTH_BYTES);
  header.set(start.subarray(LENGTH_BYTES, end));
  if (end > start.length) header.set(await readRange(start.length, end), start.length - LENGTH_BYTES);
  return parseSafetensorsHeader(header, file.bytes);
}

/** Read the length of the header from the first bytes of a file of `fileBytes` bytes. */
export function parseHeaderLength(start: Uint8Array, fileBytes: number): number {
  if (start.length < LENGTH_BYTES)
    throw new MalformedError(`it has ${fileBytes} bytes, too few for a header`);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (looksLikeText(start)) throw new MalformedError(`it is text, not safetensors (${quoteStart(start)})`);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new MalformedError(`its header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are accepted`);
  if (length < 2n || Number(length) + LENGTH_BYTES > fileBytes)
    throw new MalformedError(`its header claims ${length} bytes in a file of ${fileBytes}`);
  return Number(length);
}

/** True for text, such as a Git LFS pointer or a web page in place of the weights. */
function looksLikeText(start: Uint8Array): boolean {
  return start.subarray(0, LENGTH_BYTES).every((byte) => byte >= 0x20 && byte < 0x7f);
}

function quoteStart(start: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(start.subarray(0, 24));
  return JSON.stringify(text.replace(/[^\x20-\x7e].*/s, ""));
}

/**
 * Reads a header (the JSON after the length) of a file of `fileBytes` bytes. Everything the format promises is
 * checked: known fields, whole numbers, shape × dtype = span, spans that tile the data without holes or overlaps,
 * and a file that ends where the last one does. Throws MalformedError.
 */
export function parseSafetensorsHeader(header: Uint8Array, fileBytes: number): Tensor[] {
  const entries = parseEntries(header);
  const spans: { tensor: Tensor; begin: number; end: number }[] = [];
  for (const [name, entry] of entries) {
    if (name !== "__metadata__") spans.push(parseEntry(name, entry));
    // The library writes no metadata as null.
    else if (entry !== null && !isStringMap(entry))
      throw new MalformedError("its __metadata__ is not a map of strings");
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const span of spans) {
    if (span.begin !== end)
      throw new MalformedError(
        `the data of ${span.tensor.name.slice(0, 100)} begins at ${span.begin}, not at ${end}`,
      );
    end = span.end;
  }
  const expectedBytes = LENGTH_BYTES + header.length + end;
  if (expectedBytes !== fileBytes)
    throw new MalformedError(`its header describes ${expectedBytes} bytes; the file has ${fileBytes}`);
  return spans.map(({ tensor }) => tensor);
}

function parseEntries(header: Uint8Array): [string, unknown][] {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    value = JSON.parse(text);
  } catch {
    throw new MalformedError("its header is not JSON");
  }
  if (!isRecord(value)) throw new MalformedError("its header is not a JSON object");
  const entries = Object.entries(value);
  const keys = entries.reduce(
    (sum, [, entry]) => sum + (isRecord(entry) ? Object.keys(entry).length : 0),
    entries.length,
  );
  // JSON.parse keeps the last of two equal keys; the text still has both colons.
  if (countKeys(text) !== keys) throw new MalformedError("its header has the same key twice");
  return entries;
}

function countKeys(text: string): number {
  let keys = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString && code === 0x5c) index++;
    else if (code === 0x22) inString = !inString;
    else if (!inString && code === 0x3a) keys++;
  }
  return keys;
}

function parseEntry(name: string, entry: unknown): { tensor: Tensor; begin: number; end: number } {
  const fail = (reason: string) => new MalformedError(`${reason} (tensor ${name.slice(0, 100)})`);
  if (!isRecord(entry)) throw fail("an entry is not an object");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string") throw fail("a dtype is missing");
  if (!isCountArray(shape)) throw fail("a shape is not a list of whole numbers");
  if (!isCountArray(offsets) || offsets.length !== 2) throw fail("data_offsets are not two whole numbers");
  const [begin = 0, end = 0] = offsets;
  if (end < begin) throw fail("its data ends before it begins");

  const elements = countElements(shape);
  if (elements === null) throw fail("its shape has more than 2^53 elements");
  const bits = bitsOfDtype.get(dtype);
  // A dtype of a later version of the format: only its bytes are known.
  if (bits !== undefined && BigInt(elements) * BigInt(bits) !== BigInt(end - begin) * 8n)
    throw fail(`${elements} elements of ${dtype} do not fill ${end - begin} bytes`);
  return { tensor: { name, shape, dtype, bytes: end - begin }, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringMap(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isCountArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
