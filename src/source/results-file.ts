/** A file of results that a run adds to, so that the next run can go on where this one ended. */
import { fstatSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import { LlmSizeError } from "../errors.ts";
import { isObject, type JsonObject } from "../model/config.ts";

export interface ResultsFile {
  /** True for a reference whose result is in the file already. */
  has(reference: string): boolean;
  /** True where standard output goes to the same file, as by `>>`. */
  readonly isStdout: boolean;
  add(lines: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the results of earlier runs, or begins a new file. Those count that would be measured the same way now:
 * `isSame` tells by a line's object. A last line that was cut off is taken away. Throws USAGE for any other file.
 */
export async function openResultsFile(
  path: string,
  isSame: (line: JsonObject) => boolean,
): Promise<ResultsFile> {
  const file = await open(path, "a+").catch(({ code }: NodeJS.ErrnoException) => {
    throw refuse(`${path} cannot be written (${code})`);
  });
  try {
    const done = await readDone(file, path, isSame);
    const { dev, ino } = await file.stat();
    let last = Promise.resolve();
    return {
      has: (reference) => done.has(reference),
      isStdout: isStdout(dev, ino),
      add(lines) {
        // One after the other, so that no line is written into another.
        last = last.then(() => file.appendFile(`${lines}\n`));
        return last;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readDone(
  file: FileHandle,
  path: string,
  isSame: (line: JsonObject) => boolean,
): Promise<Set<string>> {
  const done = new Set<string>();
  const { size } = await file.stat();
  let wholeBytes = 0;
  const input = file.createReadStream({ start: 0, autoClose: false, encoding: "utf8" });
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const bytes = Buffer.byteLength(text) + 1;
    if (wholeBytes + bytes > size) break; // no line end: a killed run's last words
    const line = parseLine(text);
    if (!line && wholeBytes === 0) throw refuse(`${path} holds other things than results of llm-size`);
    wholeBytes += bytes;
    if (line && isSame(line)) done.add(line["reference"] as string);
  }
  if (wholeBytes < size) {
    if (wholeBytes === 0) throw refuse(`${path} holds other things than results of llm-size`);
    await file.truncate(wholeBytes);
  }
  return done;
}

function parseLine(text: string): JsonObject | null {
  try {
    const line: unknown = JSON.parse(text);
    return isObject(line) && typeof line["reference"] === "string" ? line : null;
  } catch {
    return null;
  }
}

function isStdout(dev: number, ino: number): boolean {
  const stdout = fstatSync(1);
  return stdout.dev === dev && stdout.ino === ino;
}

function refuse(message: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message,
    hint: "--resume takes the NDJSON file of an earlier run, or a new one",
  });
}
