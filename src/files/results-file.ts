/** A file of results that runs append to, so that each continues where the last one ended. */
import { fstatSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { isObject, type JsonObject } from "../contract/json.ts";
import { LlmSizeError } from "../errors.ts";
import { splitLines } from "./lines.ts";

interface ResultsFile<Result> {
  /** Return the earlier result of a reference; undefined where it has to be measured. */
  find(reference: string): Result | undefined;
  /** True where standard output goes to the same file, as with `>>`. */
  readonly isStdout: boolean;
  /** Append lines. Throws USAGE when the disk refuses. */
  add(lines: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Read the result in a line. Undefined means to ignore the line; null means to measure its reference again, whatever an
 * earlier line holds.
 */
type ReadResult<Result> = (line: JsonObject) => Result | null | undefined;

/** A model of ten thousand files takes 2 MB. */
const MAX_LINE_BYTES = 64_000_000;

/** The start of each of our lines. */
const BEGINNING = '{"reference":';

/**
 * Open the results of earlier runs, or a new file. An incomplete last line is removed. Throws USAGE for any other file.
 */
export async function openResultsFile<Result>(
  path: string,
  /** `stdoutFd` is the file descriptor of standard output, null where there is none. */
  { cwd, stdoutFd }: { readonly cwd: string; readonly stdoutFd: number | null },
  readResult: ReadResult<Result>,
): Promise<ResultsFile<Result>> {
  const file = await open(resolve(cwd, path), "a+").catch(refuseDisk(path, "written"));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refuse(`${path} is not a regular file`);
    const known = await readKnown(file, path, readResult);
    let last = Promise.resolve();
    return {
      find: (reference) => known.get(reference),
      isStdout: stdoutFd !== null && isSameFile(stat, fstatSync(stdoutFd)),
      add(lines) {
        // One after the other, so that lines do not mix.
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
      throw refuse(`${path} contains something other than llm-size results`);
    if (isEnded) wholeBytes += bytes.length + 1;
    else await file.truncate(wholeBytes).catch(refuseDisk(path, "repaired")); // left by a killed run
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

/** True for the start of our first line, however little of it a killed run or a full disk left. */
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

function isSameFile(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

const refuseDisk =
  (path: string, verb: "read" | "written" | "repaired") =>
  ({ code }: NodeJS.ErrnoException): never => {
    throw refuse(`${path} cannot be ${verb} (${code})`);
  };

function refuse(message: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message,
    hint: "--resume expects a new file, or the NDJSON file of an earlier run",
  });
}
