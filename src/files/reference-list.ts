/** Lists of references: a file or standard input with one reference per line, read as they are needed. */
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { MAX_REFERENCE_CHARACTERS } from "../contract/terms.ts";
import { LlmSizeError } from "../errors.ts";
import { splitLines, toUtf8, type Chunks } from "./lines.ts";

/** A longer line belongs to another kind of file, or never ends. */
const MAX_LINE_BYTES = 1_000_000;

/**
 * Open a list; `-` is standard input. `#` at the start of a line or after a space begins a comment. Throws USAGE when
 * the list cannot be read.
 */
export async function openReferenceLines(
  path: string,
  { stdin, cwd }: { readonly stdin: Chunks; readonly cwd: string },
): Promise<AsyncIterable<string>> {
  if (path === "-") return readLines(stdin, "standard input");
  const file = await open(resolve(cwd, path)).catch(({ code }: NodeJS.ErrnoException) => {
    throw unreadable(path, code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw unreadable(path, "is a folder");
  }
  return readLines(file.createReadStream(), path);
}

async function* readLines(chunks: Chunks, name: string): AsyncGenerator<string> {
  for await (const { bytes } of splitLines(toUtf8(wrapDiskErrors(chunks, name)), MAX_LINE_BYTES)) {
    if (bytes.length > MAX_LINE_BYTES) throw unreadable(name, "contains a line of more than 1 MB");
    const reference = bytes
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .replace(/(?:^|\s)#.*$/, "")
      .trim();
    if (reference !== "") yield cut(reference);
  }
}

async function* wrapDiskErrors(chunks: Chunks, name: string): Chunks {
  try {
    yield* chunks;
  } catch (error) {
    throw unreadable(name, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Cut what is too long to be valid. Copy, since a part of a string keeps the whole string in memory. */
function cut(reference: string): string {
  return Buffer.from(reference.slice(0, MAX_REFERENCE_CHARACTERS + 1)).toString("utf8");
}

function unreadable(name: string, reason: string): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message: `${name} ${reason}`,
    hint: "--from reads one reference per line from a file, or from standard input with -",
  });
}
