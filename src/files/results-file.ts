/** A file of results that a run adds to, so that the next run can go on where this one ended. */
import { fstatSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isObject, type JsonObject } from "../contract/json.ts";
import { LlmSizeError } from "../errors.ts";
import { splitLines } from "./lines.ts";

export interface ResultsFile<Result> {
  /** What earlier runs know of a reference; undefined where it is to be measured. */
  find(reference: string): Result | undefined;
  /** True where standard output goes to the same file, as by `>>`. */
  readonly isStdout: boolean;
  /** Throws USAGE where the disk refuses. */
  add(lines: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Tells by a line what is known of its reference: undefined as good as no line, null that it is to be measured again
 * whatever was known before.
 */
export type ReadResult<Result> = (line: JsonObject) => Result | null | undefined;

/** A model of ten thousand files has 2 MB. */
const MAX_LINE_BYTES = 64_000_000;

/** How each of our lines begins. */
const BEGINNING = '{"reference":';

/**
 * Opens the results of earlier runs, or begins a new file. A last line that was cut off is taken away. Throws USAGE for
 * any other file.
 */
export async function openResultsFile<Result>(
  path: string,
  readResult: ReadResult<Result>,
): Promise<ResultsFile<Result>> {
  const file = await open(path, "a+").catch(refuseDisk(path, "written"));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refuse(`${path} is no file that results could be kept in`);
    const known = await readKnown(file, path, readResult);
    let last = Promise.resolve();
    return {
      find: (reference) => known.get(reference),
      isStdout: isStdout(stat),
      add(lines) {
        // One after the other, so that no line is written into another.
        last = last.then(() => file.appendFile(`${lines}\n`).catch(refuseDisk(path, "written")));
        return last;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readKnown<Result>(
  file: FileHandle,
  path: string,
  readResult: ReadResult<Result>,
): Promise<Map<string, Result>> {
  const known = new Map<string, Result>();
  let wholeBytes = 0;
  for await (const { bytes, isEnded } of splitLines(readChunks(file, path), MAX_LINE_BYTES)) {
    const text = bytes.toString("utf8");
    const line = isEnded ? parseLine(text) : null;
    const isOurs = line !== null || wholeBytes > 0 || (!isEnded && isBeginning(text));
    if (!isOurs || bytes.length > MAX_LINE_BYTES)
      throw refuse(`${path} holds other things than results of llm-size`);
    if (isEnded) wholeBytes += bytes.length + 1;
    else await file.truncate(wholeBytes).catch(refuseDisk(path, "mended")); // a killed run's last words
    if (line === null) continue;
    const result = readResult(line);
    if (result === null) known.delete(line.reference);
    else if (result !== undefined) known.set(line.reference, result);
  }
  return known;
}

async function* readChunks(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* file.createReadStream({ start: 0, autoClose: false });
  } catch (error) {
    refuseDisk(path, "read")(error as NodeJS.ErrnoException);
  }
}

/** However little a killed run or a full disk left of the first line. */
function isBeginning(text: string): boolean {
  return text.startsWith(BEGINNING) || BEGINNING.startsWith(text);
}

function parseLine(text: string): (JsonObject & { readonly reference: string }) | null {
  try {
    const line: unknown = JSON.parse(text);
    return isObject(line) && typeof line["reference"] === "string"
      ? { ...line, reference: line["reference"] }
      : null;
  } catch {
    return null;
  }
}

function isStdout({ dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  const stdout = fstatSync(1);
  return stdout.dev === dev && stdout.ino === ino;
}

const refuseDisk =
  (path: string, verb: "read" | "written" | "mended") =>
  ({ code }: NodeJS.ErrnoException): never => {
    throw refuse(`${path} cannot be ${verb} (${code})`);
  };

function refuse(message: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message,
    hint: "--resume takes the NDJSON file of an earlier run, or a new one",
  });
}
