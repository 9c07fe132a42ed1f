import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Config } from "../../src/contract/types.ts";
import { runProgram } from "../program.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "llm-size-init-"));
});
const FILE = "llm-size.config.json";
const run = (line: string, options = {}) =>
  runProgram([...line.split(" "), "--offline"], { cwd, ...options });
const read = (name = FILE) => JSON.parse(readFileSync(join(cwd, name), "utf8")) as Config;

test("what it writes passes, and says what it was made of", async () => {
  const { stdout, exitCode } = await run("init gemma-2b distilbert-sst2 --quant int4,Q4_K_M");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^wrote llm-size\.config\.json\n/);
  expect(stdout).toMatch(/gguf:Q4_K_M +~1\.93 GB +2\.12GB\n/);
  expect(stdout).toMatch(/\nNext\n {2}llm-size check\n$/);
  expect(read().$schema).toBe("./node_modules/llm-size/schema/config.schema.json");
  expect(read().budgets?.[0]).toEqual({
    model: "gemma-2b",
    quantization: "int4",
    maxSize: "1.56GB",
    why: "it was 1.41 GB, plus 10 % headroom",
  });
  const checked = await run("check");
  expect(checked.exitCode).toBe(0);
  expect(checked.stdout).toMatch(/4 limits: 4 passed\n$/);
  expect(readdirSync(cwd)).toEqual([FILE]);
});

test.each([
  ["gemma-2b", 0],
  ["gemma-2b mixtral GEMMA-2B gemma-2b --headroom 0%", 0],
  ["gemma-2b --quant onnx:q4f16,mlx:4bit,gptq:4bit-g128 --headroom 0%", 0],
  ["--from models.txt --config ci/sizes.json", 0],
  ["acme/none", 3],
])("init %s, then check", async (words, expected) => {
  writeFileSync(join(cwd, "models.txt"), "gemma-2b # a comment\nbert\n");
  const init = await run(`init ${words}`);
  expect(init.exitCode).toBe(expected);
  if (expected !== 0) return;
  const [, next = ""] = /\n {2}llm-size (check.*)\n$/.exec(init.stdout) ?? [];
  expect((await run(next)).exitCode).toBe(0);
});

test("--json prints the config and writes nothing", async () => {
  writeFileSync(join(cwd, FILE), "{}");
  const { stdout, exitCode } = await run("init gemma-2b --json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ budgets: [{ model: "gemma-2b", maxSize: "5.52GB" }] });
  expect(read()).toEqual({});
});

test("nothing is written unless every model has a budget", async () => {
  const { stdout, stderr, exitCode } = await run("init gemma-2b acme/none");
  expect([stdout, exitCode]).toEqual(["", 3]);
  expect(stderr).toMatch(
    /acme\/none is not available offline[^]*note: llm-size\.config\.json was not written/,
  );
  expect(readdirSync(cwd)).toEqual([]);
});

describe("a config that is there is kept", () => {
  const OTHER = { budgets: [{ model: "bert", maxSize: "1GB" }] };
  test.each([
    [
      FILE,
      "init gemma-2b",
      /^error: llm-size\.config\.json already exists\n {2}hint: --force overwrites it$/,
    ],
    ["ci.json", "init gemma-2b --config ci.json", /ci\.json already exists/],
    ["llm-size.config.yaml", "init gemma-2b", /llm-size\.config\.yaml already has budgets for this folder/],
    ["package.json", "init gemma-2b", /package\.json already has budgets/],
    ["package.json", "init gemma-2b --force", /package\.json already has budgets/],
  ])("%s: %s", async (name, line, message) => {
    const text = JSON.stringify(name === "package.json" ? { "llm-size": OTHER } : OTHER);
    writeFileSync(join(cwd, name), text);
    const { stderr, exitCode } = await run(line);
    expect(exitCode).toBe(2);
    expect(stderr.trim()).toMatch(message);
    expect(readdirSync(cwd)).toEqual([name]);
    expect(readFileSync(join(cwd, name), "utf8")).toBe(text);
  });

  test.each(["{", JSON.stringify(OTHER)])("unless --force: %s", async (text) => {
    writeFileSync(join(cwd, FILE), text);
    expect((await run("init gemma-2b --force")).exitCode).toBe(0);
    expect(read().budgets).toMatchObject([{ model: "gemma-2b" }]);
  });

  test("in a folder above too", async () => {
    writeFileSync(join(cwd, FILE), JSON.stringify(OTHER));
    mkdirSync(join(cwd, "below"));
    const { stderr, exitCode } = await run("init gemma-2b", { cwd: join(cwd, "below") });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${join("..", FILE)} already has budgets`);
  });
});

test.each([
  ["init", /no model was named/],
  ["init gemma-2b --quant q9", /unknown quantization/],
  ["init gemma-2b --headroom 2GB", /2%, 0\.5% or 0%/],
  ["init gemma-2b --config llm-size.config.yaml", /not a JSON file of its own/],
  ["init gemma-2b --config package.json --force", /not a JSON file of its own/],
  ["init gemma-2b --revision main", /name it with the model/],
  ["init google/*", /invalid model/],
  ["init gemma-2b --config a-file/x.json", /a-file\/x\.json cannot be written \((?:ENOTDIR|EEXIST)\)/],
  ["init gemma-2b --config loop.json", /loop\.json already exists/],
])("%s is refused", async (line, message) => {
  writeFileSync(join(cwd, "a-file"), "");
  symlinkSync("loop.json", join(cwd, "loop.json"));
  const { stderr, exitCode } = await run(line);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
  expect(readdirSync(cwd).toSorted()).toEqual(["a-file", "loop.json"]);
});
