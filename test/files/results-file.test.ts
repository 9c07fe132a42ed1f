import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openResultsFile } from "../../src/files/results-file.ts";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "llm-size-results-")), "results.ndjson");
});

const line = (reference: string, result: unknown = "ok") => JSON.stringify({ reference, result });
const LINES = [line("a"), line("b/é"), line("c")];

/** Opens the file and tells what it knows of these. */
async function find(...references: string[]): Promise<unknown[]> {
  const results = await openResultsFile(
    path,
    { cwd: "/", stdoutFd: null },
    ({ result }) => result as string | null | undefined,
  );
  await results.close();
  return references.map((reference) => results.find(reference));
}

test.each([
  ["LF", `${LINES.join("\n")}\n`],
  ["CRLF", `${LINES.join("\r\n")}\r\n`],
  ["both, and empty lines", `${LINES.join("\r\n\n")}\n`],
])("line ends of %s: all is known and the file as it was", async (_, text) => {
  writeFileSync(path, text);
  expect(await find("a", "b/é", "c", "d")).toEqual(["ok", "ok", "ok", undefined]);
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("bytes that are no UTF-8 cost only their line", async () => {
  const broken = Buffer.from([0x7b, 0xff, 0xc3, 0x0a]);
  const whole = Buffer.concat([Buffer.from(`${line("a")}\n`), broken, Buffer.from(`${line("b")}\n`)]);
  writeFileSync(path, whole);
  expect(await find("a", "b")).toEqual(["ok", "ok"]);
  expect(readFileSync(path)).toEqual(whole);
});

test.each(["\n", "\r\n"])("wherever a run was cut off, whole lines stay (%j)", async (end) => {
  const whole = Buffer.from(`${LINES.join(end)}${end}`);
  for (let kept = 0; kept <= whole.length; kept++) {
    const left = whole.subarray(0, kept);
    writeFileSync(path, left);
    await find();
    expect(readFileSync(path)).toEqual(left.subarray(0, left.lastIndexOf(0x0a) + 1));
  }
});

test("the last line of a reference counts; one of another run does not", async () => {
  const lines = [
    line("a", 1),
    line("a", 2),
    line("b", 1),
    line("b", null),
    line("c", 1),
    '{"reference":"c"}',
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  expect(await find("a", "b", "c")).toEqual([2, undefined, 1]);
});

describe("refused and left as it is:", () => {
  test.each([
    ["text", "hello"],
    ["lines of text", "hello\nworld\n"],
    ["an empty line", "\n"],
    ["a document of one line", '{"references":["a"]}'],
    ["lines of other objects", '{"name":"a"}\n{"name":"b"}\n'],
  ])("%s", async (_, text) => {
    writeFileSync(path, text);
    await expect(find()).rejects.toMatchObject({ code: "USAGE" });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test.each([
    ["/dev/zero", /is not a regular file/],
    ["/dev/null", /is not a regular file/],
    [tmpdir(), /cannot be written \(EISDIR\)/],
    ["/nowhere/at/all", /cannot be written \(ENOENT\)/],
  ])("%s", async (other, message) => {
    path = other;
    await expect(find()).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(message) });
  });
});
