import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
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
    expect(await findBudgetConfig(null, cwd)).toEqual({ file, value: VALUE });
    expect(await findBudgetConfig(file, cwd)).toEqual({ file, value: VALUE });
  });

  test("from a folder below", async () => {
    write("llm-size.config.json", JSON_TEXT);
    mkdirSync(join(cwd, "below"));
    expect(await findBudgetConfig(null, join(cwd, "below"))).toEqual({
      file: join("..", "llm-size.config.json"),
      value: VALUE,
    });
  });
});

describe("a config file that cannot be read is named with its ending", () => {
  test.each([
    ["llm-size.config.json", '{"a":}', /^llm-size\.config\.json: cannot be read \(.*JSON/],
    ["llm-size.config.yaml", "a: [", /^llm-size\.config\.yaml: cannot be read \(/],
    ["llm-size.config.mjs", "throw new Error('mine')", /^llm-size\.config\.mjs: cannot be read \(mine\)$/],
    ["package.json", "{", /^package\.json: cannot be read \(/],
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

test("without a config file there is none", async () => {
  expect(await findBudgetConfig(null, cwd)).toBeNull();
});

test("text files are found from the working directory", async () => {
  await writeTextFile("deep/lock.json", cwd, "é");
  expect(await readTextFile("deep/lock.json", cwd)).toBe("é");
  expect(await readTextFile("none.json", cwd)).toBeNull();
  await expect(readTextFile("deep", cwd)).rejects.toMatchObject({ message: "deep: cannot be read (EISDIR)" });
});
