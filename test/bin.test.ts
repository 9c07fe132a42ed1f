import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportSchema } from "../src/contract/report.ts";
import { runBuilt, runShell, startBuilt } from "./built.ts";

const OFFLINE = { HF_HUB_OFFLINE: "1" };

function writeConfig(ending: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "llm-size-bin-")), `llm-size.config.${ending}`);
  writeFileSync(path, text);
  return path;
}

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await runBuilt(["--version"])).toEqual({ stdout: `${version}\n`, stderr: "", exitCode: 0 });
});

test("the package holds the license of everything in its bundle, notices included", () => {
  const path = new URL("../dist/bundle/THIRD-PARTY-LICENSES.txt", import.meta.url);
  const sections = readFileSync(path, "utf8").split(`\n${"-".repeat(80)}\n\n`);
  expect(sections.length).toBeGreaterThan(30);
  for (const section of sections)
    expect(section).toMatch(/^\S+ [\d.]+ \([\w.-]+\)\n\n[^]*(?:Permission|Redistribution|Apache License)/);
  expect(sections.join("")).toContain("includes software developed by the\nCycloneDX"); // a NOTICE
});

test("a version of Node.js that is too old is named", async () => {
  const env = { NODE_OPTIONS: "--import data:text/javascript,process.getBuiltinModule=undefined" };
  const { stderr, exitCode } = await runBuilt(["gemma-2b"], env);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    `error: llm-size does not run on Node.js ${process.version}; use 20.19, or 22.3 and later\n`,
  );
});

test("budgets of a YAML file, whose parser is bundled", async () => {
  const path = writeConfig("yaml", "defaults:\n  quantization: int4\n  maxSize: 1.5GB\n");
  const { stdout, stderr, exitCode } = await runBuilt(["check", "gemma-2b", "--config", path], OFFLINE);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toMatch(/^within budget: gemma-2b at int4/);
});

describe("a config file does not decide how the gate ends", () => {
  const VALUE = 'export default { defaults: { maxParams: "1B" } };';
  // Each of them alone would change how the gate ends, if it could.
  const WAYS = [
    "process.exitCode = 0;",
    "process.on('exit', () => process.exit(0));",
    "setInterval(() => {}, 1000);",
    "console.log('mine');",
  ];
  test.each([
    ["sets the exit code, also at the end, never stops and prints", WAYS, 1, /^over budget/, /^mine\n$/],
    ["ends the process", ["process.exit(0);"], 2, /^$/, /^error: .*\(it ended without a value\)\n/],
  ])("that %s", async (_, code, expected, stdout, stderr) => {
    const path = writeConfig("mjs", [...code, VALUE].join("\n"));
    const run = await runBuilt(["check", "gemma-2b", "--config", path], OFFLINE);
    expect(run.exitCode).toBe(expected);
    expect(run.stdout).toMatch(stdout);
    expect(run.stderr).toMatch(stderr);
  });
});

test("more than a pipe holds is whole, also when it ends with 3", async () => {
  const words = [...Array.from({ length: 25 }, () => "gemma-2b"), "acme/none", "--json"];
  const { stdout, exitCode } = await runBuilt(words, OFFLINE);
  expect(stdout.length).toBeGreaterThan(65_536);
  expect(exitCode).toBe(3);
  expect(reportSchema.parse(JSON.parse(stdout)).models).toHaveLength(25);
});

test("it ends with 4 when the Hub cannot be reached", async () => {
  const words = "check acme/none --max-params 200M --retries 0".split(" ");
  expect((await runBuilt(words, { HF_ENDPOINT: "http://127.0.0.1:9" })).exitCode).toBe(4);
});

test("Ctrl-C ends it by the signal, as without a listener", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const child = startBuilt(["acme/model"], { HF_ENDPOINT: `http://127.0.0.1:${port}` });
  const ended = once(child, "exit");
  await once(silent, "connection");
  child.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  silent.close();
});

describe("in a pipe", () => {
  test("a reader that leaves early is no error", async () => {
    const run = await runShell("llm-size list --json | head -1", OFFLINE);
    expect(run).toEqual({ stdout: "{\n", stderr: "", exitCode: 0 });
  });

  test.each(["--help", "--version", "list", "gemma-2b", "gemma-2b --format ndjson"])(
    "%s that cannot be written is told, and is neither a bug nor over budget",
    async (words) => {
      expect(await runShell(`llm-size ${words} > /dev/full`, OFFLINE)).toEqual({
        stdout: "",
        stderr: "error: standard output cannot be written (ENOSPC)\n",
        exitCode: 2,
      });
    },
  );

  test.each(["2> >(exec true)", "2> /dev/full", "2>&-"])(
    "nobody to tell (%s) changes nothing",
    async (to) => {
      const run = await runShell(`llm-size gemma-2b acme/none --format csv ${to}`, OFFLINE);
      expect(run).toMatchObject({ stdout: expect.stringContaining("google/gemma-2b"), exitCode: 3 });
    },
  );

  test("a model of the catalog, in color only when forced", async () => {
    const run = await runShell("llm-size gemma-2b | cat", OFFLINE);
    expect(run).toMatchObject({ stderr: "", exitCode: 0 });
    expect(run.stdout).toMatch(/google\/gemma-2b +2\.51 +2B/);
    expect(run.stdout).not.toContain("\u001b");
    expect((await runShell("llm-size gemma-2b | cat", { ...OFFLINE, FORCE_COLOR: "1" })).stdout).toContain(
      "\u001b",
    );
  });
});
