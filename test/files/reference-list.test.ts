import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { openReferenceLines } from "../../src/files/reference-list.ts";

const NOTHING = Readable.from([]);

async function readAll(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

async function* chunks(...parts: (string | Uint8Array)[]) {
  yield* parts;
}

const toUtf16 = (text: string) => Buffer.from(text, "utf16le");

const read = async (...parts: (string | Uint8Array)[]) =>
  readAll(await openReferenceLines("-", { stdin: chunks(...parts), cwd: "/" }));

test.each([
  ["comments and blanks", ["# ours\n\n a  # b\n#c\nd#e"], ["a", "d#e"]],
  ["CRLF", ["a\r\nb\r\n"], ["a", "b"]],
  ["a byte-order mark", ["\uFEFFa\nb"], ["a", "b"]],
  ["lines across chunks", ["a", "b\nc", "", "d", "\n"], ["ab", "cd"]],
  ["a character across chunks", [Buffer.from([0x61, 0xc3]), Buffer.from([0xa9, 0x0a])], ["aé"]],
  ["UTF-16, as PowerShell writes it", ["\uFEFFa\r\né\n"].map(toUtf16), ["a", "é"]],
  ["UTF-16, big-endian", ["\uFEFFa\né\n"].map((text) => toUtf16(text).swap16()), ["a", "é"]],
  ["UTF-16, a byte at a time", [...toUtf16("\uFEFFa\né")].map((byte) => Buffer.from([byte])), ["a", "é"]],
  ["a single byte", ["a"], ["a"]],
  ["nothing", [], []],
])("%s", async (_, parts, lines) => {
  expect(await read(...parts)).toEqual(lines);
});

test("a file is read as standard input is", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "llm-size-lines-")), "list.txt");
  const names = Array.from({ length: 20_000 }, (_, index) => `acme/model-${index}`);
  writeFileSync(path, names.join("\r\n"));
  expect(
    await readAll(await openReferenceLines(basename(path), { stdin: NOTHING, cwd: dirname(path) })),
  ).toEqual(names);
});

test("a long line is cut where it is too long for a model; its comment does not count", async () => {
  const lines = await read(`a\n${"b".repeat(500_000)}\nc #${"d".repeat(500_000)}\ne`);
  expect(lines.map(({ length }) => length)).toEqual([1, 4097, 1, 1]);
});

test("a line without an end is given up early", async () => {
  let count = 0;
  async function* endless() {
    for (;;) {
      count++;
      yield Buffer.alloc(65_536);
    }
  }
  await expect(openReferenceLines("-", { stdin: endless(), cwd: "/" }).then(readAll)).rejects.toMatchObject({
    code: "USAGE",
    message: "standard input contains a line of more than 1 MB",
  });
  expect(count).toBeLessThan(20);
});

test("a disk or a stream that fails while it is read", async () => {
  async function* failing() {
    yield "a\n";
    throw Object.assign(new Error(), { code: "EIO" });
  }
  await expect(openReferenceLines("-", { stdin: failing(), cwd: "/" }).then(readAll)).rejects.toMatchObject({
    code: "USAGE",
    message: "standard input cannot be read (EIO)",
  });
});
