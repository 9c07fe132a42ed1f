/** Lists of references: a file or standard input, one on each line, read as they are needed. */
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { LlmSizeError } from "../errors.ts";

export type Input = AsyncIterable<Uint8Array | string>;

/** Opens a list; `-` is standard input. What follows a `#` is a comment. Throws USAGE for a file that cannot be read. */
export async function openReferenceLines(path: string, stdin: Input): Promise<AsyncIterable<string>> {
  if (path === "-") return readLines(Readable.from(stdin));
  const file = await open(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw unreadable(path, code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw unreadable(path, "is a folder");
  }
  return readLines(file.createReadStream({ encoding: "utf8" }));
}

async function* readLines(input: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const reference = line
      .replace(/^\uFEFF/, "")
      .replace(/(?:^|\s)#.*$/, "")
      .trim();
    if (reference !== "") yield reference;
  }
}

function unreadable(path: string, reason: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message: `${path} ${reason}`,
    hint: "--from takes a file with a model on each line, or - for standard input",
  });
}
