/** A list that is gone on with: what counts as done, and the file of results. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureSchema } from "../../src/contract/fields.ts";
import { modelSchema } from "../../src/contract/report.ts";
import { killBuilt, runBuilt, runShell } from "../built.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runProgram } from "../program.ts";

const ids = Array.from({ length: 40 }, (_, index) => `acme/model-${index}`);
const some = ids.slice(0, 6);
const weights = buildSafetensors([["model.embed_tokens.weight", [4, 4], "F32"]]);
const files = { "config.json": { content: '{"model_type":"llama"}' }, "model.safetensors": weights };
const adapterConfig = { peft_type: "LORA", r: 2, base_model_name_or_path: "acme/model-0" };

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      ...ids.map((id) => ({ id, files })),
      { id: "acme/words", files: { "README.md": { content: "hello" } } },
      { id: "acme/private", private: true, files },
      {
        id: "acme/adapter",
        files: {
          "adapter_config.json": { content: JSON.stringify(adapterConfig) },
          "adapter_model.safetensors": buildSafetensors([
            ["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [2, 4], "F32"],
          ]),
        },
      },
    ],
    latencyMs: 2,
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
afterAll(() => hub.close());

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-resume-"));
  path = join(folder, "results.ndjson");
  hub.clearFaults();
  hub.clearLog();
});

const references = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { reference: string }).reference);
const readFile = () => readFileSync(path, "utf8");
const resume = (list: readonly string[], words: readonly string[] = [], env: Record<string, string> = {}) =>
  runProgram([...list, "--resume", path, ...words], { hub, env });

function failFor(id: string): void {
  hub.fail({ fault: "status", status: 503, when: ({ path: asked }) => asked.includes(`${id}/`) });
}

test("goes on where the last run ended: the file is whole, and only what is new is printed", async () => {
  const { stdout: first } = await resume(ids.slice(0, 4));
  hub.clearLog();
  const { stdout: second, exitCode } = await resume(some);
  expect(exitCode).toBe(0);
  expect(references(second).toSorted()).toEqual(["acme/model-4", "acme/model-5"]);
  expect(readFile()).toBe(first + second);
  expect(hub.requests.some((request) => request.path.includes("model-3"))).toBe(false);
  expect(await resume(some)).toEqual({ stdout: "", stderr: "", exitCode: 0 });
});

test("each line is one of the contract, with the settings it holds for", async () => {
  await resume(["acme/model-0", "acme/words"], ["--quant", "int4"]);
  for (const line of readFile().trim().split("\n")) {
    const { settings, ...rest } = JSON.parse(line) as { settings: unknown; code?: string };
    expect(settings).toMatchObject({ endpoint: hub.endpoint, quantizations: ["int4"], revision: null });
    (rest.code === undefined ? modelSchema : failureSchema).strict().parse(rest);
  }
});

describe("done is", () => {
  test("a model, and a failure that nothing mends: the exit code is still that of the whole list", async () => {
    const list = ["acme/model-1", "acme/words"];
    expect(await resume(list)).toMatchObject({ exitCode: 3 });
    const before = readFile();
    hub.clearLog();
    expect(await resume(list)).toEqual({
      stdout: "",
      stderr: `error: 1 of these models cannot be measured; see ${path} for the reasons\n`,
      exitCode: 3,
    });
    expect([readFile(), hub.requests]).toEqual([before, []]);
    expect(await resume(["acme/model-1"])).toMatchObject({ exitCode: 0 });
  });

  test("not what may pass", async () => {
    failFor("model-2");
    expect(await resume(["acme/model-2"], ["--retries", "0"])).toMatchObject({ exitCode: 4 });
    hub.clearFaults();
    const { stdout, exitCode } = await resume(["acme/model-2"]);
    expect([references(stdout), exitCode]).toEqual([["acme/model-2"], 0]);
    expect(await resume(["acme/model-2"])).toMatchObject({ stdout: "", exitCode: 0 });
  });

  test("not what a token mends", async () => {
    expect(await resume(["acme/private"])).toMatchObject({ exitCode: 3 });
    const { stdout, exitCode } = await resume(["acme/private"], [], { HF_TOKEN: "hf_valid" });
    expect([references(stdout), exitCode]).toEqual([["acme/private"], 0]);
  });

  test("not what was missing on this disk", async () => {
    const offline = (cache: string) => resume(["acme/model-3"], ["--offline"], { LLM_SIZE_CACHE: cache });
    expect(await offline(join(folder, "empty"))).toMatchObject({ exitCode: 3 });
    await runProgram(["acme/model-3"], { hub, env: { LLM_SIZE_CACHE: join(folder, "cache") } });
    const { stdout, exitCode } = await offline(join(folder, "cache"));
    expect([references(stdout), exitCode]).toEqual([["acme/model-3"], 0]);
  });

  test("not an adapter whose base may be there another time", async () => {
    failFor("model-0");
    const first = await resume(["acme/adapter"], ["--retries", "0"]);
    expect(first.exitCode).toBe(4);
    expect(first.stderr).toMatch(/^error: acme\/adapter: its base was not measured: .* 503 for .*\n {2}hint/);
    hub.clearFaults();
    const { stdout, exitCode } = await resume(["acme/adapter"]);
    expect([references(stdout), exitCode]).toEqual([["acme/adapter", "acme/model-0"], 0]);
    expect(await resume(["acme/adapter", "acme/model-0"])).toMatchObject({ stdout: "", exitCode: 0 });
  });

  test.each([
    "--quant int4",
    "--revision main",
    "--imatrix",
    "--separate-head",
    "--head-bits 8",
    "--no-base",
    "--context 8k",
    "--offline",
    "--endpoint http://127.0.0.1:9 --retries 0",
  ])("not what was measured otherwise than %s", async (flags) => {
    await resume(some);
    expect(references((await resume(some, flags.split(" "))).stdout).toSorted()).toEqual(some);
    expect(await resume(some)).toMatchObject({ stdout: "", exitCode: 0 });
  });

  test("not a line that does not say how it was measured", async () => {
    const { stdout } = await runProgram([...some, "--format", "ndjson"], { hub });
    writeFileSync(path, stdout);
    expect(references((await resume(some)).stdout).toSorted()).toEqual(some);
  });
});

describe("the file", () => {
  test("cut off by a kill is mended, and what it lost measured again", async () => {
    await resume(some);
    const whole = readFile();
    for (const keptBytes of [whole.length - 1, whole.length - 300, Math.floor(whole.length / 2), 200, 5]) {
      writeFileSync(path, whole.slice(0, keptBytes));
      await resume(some);
      expect(references(readFile()).toSorted()).toEqual(some);
    }
  });

  test("with the line ends of Windows loses nothing", async () => {
    await resume(some);
    const windows = readFile().replaceAll("\n", "\r\n");
    writeFileSync(path, windows);
    const { stdout } = await resume([...some, "acme/model-7"]);
    expect(references(stdout)).toEqual(["acme/model-7"]);
    expect(readFile()).toBe(windows + stdout);
  });

  test("on standard output, too, has each line once", async () => {
    const line = `llm-size ${some.join(" ")} --resume ${path} >> ${path}`;
    expect(await runShell(line, { HF_ENDPOINT: hub.endpoint })).toMatchObject({ exitCode: 0 });
    expect(references(readFile()).toSorted()).toEqual(some);
  });

  test.each([
    ["of others", ["const a = 1;", "const b = 2;", ""]],
    ["of others, on one line", ["# notes"]],
    ["of a report", ['{"schemaVersion":1}', ""]],
  ])("%s is left alone", async (_, lines) => {
    writeFileSync(path, lines.join("\n"));
    expect(await resume(some)).toMatchObject({ exitCode: 2, stdout: "" });
    expect(readFile()).toBe(lines.join("\n"));
  });

  test("on a full disk ends it with a sentence, and the next run has all", async () => {
    const env = { HF_ENDPOINT: hub.endpoint };
    const line = `llm-size ${some.join(" ")} --resume ${path} > /dev/null`;
    expect(await runShell(`ulimit -f 2; ${line}`, env)).toEqual({
      stdout: "",
      stderr: expect.stringMatching(/^error: .*results\.ndjson cannot be written \(EFBIG\)\n {2}hint: .*\n$/),
      exitCode: 2,
    });
    expect(await runShell(line, env)).toMatchObject({ exitCode: 0 });
    expect(references(readFile()).toSorted()).toEqual(some);
  });

  test.each(["/dev/full", "/dev/stdout"])("%s is none", async (device) => {
    const { stderr, exitCode } = await runShell(`llm-size gemma-2b --offline --resume ${device} | cat`);
    expect({ stderr, exitCode }).toEqual({
      stderr: expect.stringMatching(`^error: ${device} is not a regular file\n`),
      exitCode: 2,
    });
  });

  test("of a killed run is finished by the next", async () => {
    const list = join(folder, "list.txt");
    writeFileSync(list, ids.join("\n"));
    const [words, env] = [["--from", list, "--resume", path], { HF_ENDPOINT: hub.endpoint }];
    hub.fail({
      fault: "hold",
      until: () => false,
      when: (request) => request.path.includes(ids.at(-1) ?? ""),
    });
    const countLines = () => (existsSync(path) ? readFile().split("\n").length - 1 : 0);
    await killBuilt(words, env, async () => {
      while (countLines() < 3) await sleep(5);
    });
    hub.clearFaults();
    expect(countLines()).toBeLessThan(ids.length);
    expect(await runBuilt(words, env)).toMatchObject({ exitCode: 0 });
    expect(references(readFile()).toSorted()).toEqual(ids.toSorted());
  });
});

test("another format is refused", async () => {
  expect(await resume(some, ["--format", "csv"])).toMatchObject({ exitCode: 2 });
});
