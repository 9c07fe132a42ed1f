/** Lists of references: a file or standard input, one on each line, read as they are needed. */
import { open } from "node:fs/promises";
import { MAX_REFERENCE_CHARACTERS } from "../contract/terms.ts";
import { LlmSizeError } from "../errors.ts";
import { splitLines, type Chunks } from "./lines.ts";

/** A list has no such line; what has is another kind of file, or has no end. */
const MAX_LINE_BYTES = 1_000_000;

/** Opens a list; `-` is standard input. What follows a `#` is a comment. Throws USAGE for one that cannot be read. */
export async function openReferenceLines(path: string, stdin: Chunks): Promise<AsyncIterable<string>> {
  if (path === "-") return readLines(stdin, "standard input");
  const file = await open(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw unreadable(path, code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw unreadable(path, "is a folder");
  }
  return readLines(file.createReadStream(), path);
}

async function* readLines(chunks: Chunks, name: string): AsyncGenerator<string> {
  for await (const { bytes } of splitLines(withoutDiskErrors(chunks, name), MAX_LINE_BYTES)) {
    if (bytes.length > MAX_LINE_BYTES) throw unreadable(name, "has a line of more than 1 MB");
    const reference = bytes
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .replace(/(?:^|\s)#.*$/, "")
      .trim();
    if (reference !== "") yield cut(reference);
  }
}

async function* withoutDiskErrors(chunks: Chunks, name: string): Chunks {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(name, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Long enough to be refused for its length; and a copy, as a part of a string keeps all of it in memory. */
function cut(reference: string): string {
  return Buffer.from(reference.slice(0, MAX_REFERENCE_CHARACTERS + 1)).toString("utf8");
}

function unreadable(name: string, reason: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message: `${name} ${reason}`,
    hint: "--from takes a file with a model on each line, or - for standard input",
  });
}
