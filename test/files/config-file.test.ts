import { lstatSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findBudgetConfig } from "../../src/files/config-file.ts";
import { readTextFile, writeTextFile } from "../../src/files/text-file.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "llm-size-config-"));
});
const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cwd, name), content);

const JSON_TEXT = '{"maxSize":"1GB"}';
const VALUE = { maxSize: "1GB" };
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");

describe("a config file is read", () => {
  test.each<[string, string | Uint8Array]>([
    ["llm-size.config.json", JSON_TEXT],
    ["llm-size.config.json", `\uFEFF${JSON_TEXT}`],
    ["llm-size.config.json", utf16(JSON_TEXT)],
    ["llm-size.config.json", utf16(JSON_TEXT).swap16()],
    ["llm-size.config.yaml", "maxSize: 1GB"],
    ["llm-size.config.yml", utf16("maxSize: 1GB")],
    ["llm-size.config.js", `module.exports = ${JSON_TEXT}`],
    ["llm-size.config.cjs", `module.exports = ${JSON_TEXT}`],
    ["llm-size.config.mjs", `export default ${JSON_TEXT}`],
    ["package.json", `{"name":"x","llm-size":${JSON_TEXT}}`],
  ])("%s", async (file, content) => {
    write(file, content);
    expect(await findBudgetConfig(null, cwd)).toMatchObject({ file, value: VALUE });
    expect(await findBudgetConfig(file, cwd)).toMatchObject({ file, value: VALUE });
  });

  test("from a folder below", async () => {
    write("llm-size.config.json", JSON_TEXT);
    mkdirSync(join(cwd, "below"));
    expect(await findBudgetConfig(null, join(cwd, "below"))).toMatchObject({
      file: join("..", "llm-size.config.json"),
      value: VALUE,
    });
  });
});

describe("the lines of limits", () => {
  test.each([
    ["llm-size.config.json", '{ "budgets": [\n  { "model": "a",\n    "maxSize": "1GB" }] }', 3],
    ["llm-size.config.json", '\uFEFF{"budgets":[\r\n{"model":"a","maxSize":"1GB"}]}', 2],
    ["package.json", '{ "budgets": 1,\n"llm-size": { "budgets": [\n{"maxSize":"1GB"}] } }', 3],
    ["llm-size.config.yaml", "# one\nbudgets:\n  - model: a\n    'maxSize': 1GB\n", 4],
    ["llm-size.config.yml", '{ budgets: [\n{ "maxSize": 1GB }] }', 2],
    // What an alias stands for is elsewhere.
    ["llm-size.config.yaml", "budgets: [&a { maxSize: 1GB }]\n", 1],
    ["llm-size.config.yaml", "defaults: &a { maxSize: 1GB }\nbudgets: [*a]\n", undefined],
    ["llm-size.config.mjs", "export default { budgets: [{ maxSize: '1GB' }] }", undefined],
  ])("%s: %j", async (file, text, line) => {
    write(file, text);
    expect((await findBudgetConfig(null, cwd))?.lines.get("budgets[0].maxSize")).toBe(line);
  });
});

const numbered = (line: (index: number) => string) =>
  Array.from({ length: 60_000 }, (_, index) => line(index))
    .join("\n")
    .slice(0, 900_000);

describe("a config file that cannot be read is named with its ending", () => {
  test.each([
    ["llm-size.config.json", '{"a":}', /^llm-size\.config\.json: cannot be read \(.*JSON/],
    ["llm-size.config.yaml", "a: [", /^llm-size\.config\.yaml: cannot be read \(/],
    ["llm-size.config.mjs", "throw new Error('mine')", /^llm-size\.config\.mjs: cannot be read \(mine\)$/],
    ["package.json", "{", /^package\.json: cannot be read \(/],
    ["llm-size.config.json", '{"a":1,"b":{"c":1,"c":2}}', /\(the key b\.c is there twice\)$/],
    ["package.json", '{"llm-size":{"a":1,"a":2}}', /\(the key llm-size\.a is there twice\)$/],
    ["package.json", '{"llm-size":{},"llm-size":{"a":2}}', /\(the key llm-size is there twice\)$/],
    ["llm-size.config.yaml", "a: 1\na: 2", /keys must be unique/],
    ["llm-size.config.yaml", "[".repeat(10_000), /\(it is nested too deeply\)$/],
    ["llm-size.config.yaml", "- ".repeat(10_000), /\(it is nested too deeply\)$/],
    ["llm-size.config.yaml", "? ".repeat(9_000), /\(it is nested too deeply\)$/],
    ["llm-size.config.yaml", numbered((i) => `k${i}: &a${i} 1`), /too many keys and anchors/],
    ["llm-size.config.yaml", numbered((i) => `k${i}: &a${i} [*a${i - 1}]`), /too many keys and anchors/],
    ["llm-size.config.json", JSON.stringify("x".repeat(1e6)), /\(it is larger than 1 MB\)$/],
    ["llm-size.config.mjs", "export default { get a() { throw new Error('mine') } }", /\(mine\)$/],
    ["llm-size.config.mjs", "export default { get a() { return this.a } }", /call stack/],
    ["llm-size.config.mjs", "export default { a: () => 1 }", /could not be cloned/],
    ["llm-size.config.mjs", "export default new Proxy({}, {})", /could not be cloned/],
    ["llm-size.config.mjs", "export default { get then() { throw new Error('mine') } }", /\(mine\)$/],
    ["llm-size.config.mjs", "throw null", /\(null\)$/],
    ["llm-size.config.mjs", "process.exit(0)", /\(it ended without a value\)$/],
    [
      "llm-size.config.mjs",
      "setTimeout(() => { throw Error('mine') }); await new Promise(() => {})",
      /\(mine\)$/,
    ],
    ["llm-size.config.mjs", "Promise.reject(Error('mine')); await new Promise(() => {})", /\(mine\)$/],
  ])("%s", async (file, content, message) => {
    write(file, content);
    const error = { code: "CONFIG_INVALID", message: expect.stringMatching(message) as unknown };
    await expect(findBudgetConfig(null, cwd)).rejects.toMatchObject(error);
    await expect(findBudgetConfig(file, cwd)).rejects.toMatchObject(error);
  });

  test("one that is named and missing", async () => {
    await expect(findBudgetConfig("mine.json", cwd)).rejects.toMatchObject({
      message: "mine.json: does not exist",
    });
  });
});

test("keys of others in package.json may be there twice", async () => {
  write(
    "package.json",
    `{"scripts":{"a":"1","a":"2"},"llm-size-x":1,"llm-size-x":2,"llm-size":${JSON_TEXT}}`,
  );
  expect(await findBudgetConfig(null, cwd)).toMatchObject({ file: "package.json", value: VALUE });
});

describe("a module that never ends", () => {
  afterEach(() => void vi.useRealTimers());

  test.each([
    ["in its value", "export default new Promise(() => {})"],
    ["before it has one", "await new Promise(() => {}); export default {}"],
    ["in a thenable", "export default { then() {} }"],
    ["in a loop", "for (;;);"],
  ])("%s", async (_, code) => {
    write("llm-size.config.mjs", code);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const found = findBudgetConfig(null, cwd);
    found.catch(() => {});
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(10_000);
    // A thread that waits for nothing may also end by itself.
    await expect(found).rejects.toThrow(
      /^llm-size\.config\.mjs: cannot be read \(it (?:did not end within 10 s|ended without a value)\)$/,
    );
  });
});

test("without a config file there is none", async () => {
  expect(await findBudgetConfig(null, cwd)).toBeNull();
});

test.skipIf(process.platform === "win32")("a link keeps leading to the file that is written", async () => {
  write("real.json", "old");
  symlinkSync(join(cwd, "real.json"), join(cwd, "link.json"));
  await writeTextFile("link.json", cwd, "new");
  expect(await readTextFile("real.json", cwd)).toBe("new");
  expect(lstatSync(join(cwd, "link.json")).isSymbolicLink()).toBe(true);
});

test.skipIf(process.platform === "win32")("a device is written to, not replaced", async () => {
  await expect(writeTextFile("/dev/full", cwd, "x")).rejects.toMatchObject({
    message: "/dev/full cannot be written (ENOSPC)",
  });
  expect(lstatSync("/dev/full").isCharacterDevice()).toBe(true);
});

test("text files are found from the working directory", async () => {
  await writeTextFile("deep/lock.json", cwd, "é");
  expect(await readTextFile("deep/lock.json", cwd)).toBe("é");
  expect(await readTextFile("none.json", cwd)).toBeNull();
  await expect(readTextFile("deep", cwd)).rejects.toMatchObject({ message: "deep: cannot be read (EISDIR)" });
});
