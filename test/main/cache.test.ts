/** A second run: what it asks for, and what can happen to the cache in between. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { killBuilt, runBuilt, runShell } from "../built.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import type { Repository } from "../hub/repository.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const SHARDED = "mistralai/Mistral-7B-v0.1";
const TOTAL = 7_241_732_096;
const [FIRST, SECOND] = ["a".repeat(40), "b".repeat(40)] as const;
const tensors = (rows: number) => buildSafetensors([["model.embed_tokens.weight", [rows, 4], "F32"]]);
const filesOf = (rows: number) => ({
  "config.json": { content: '{"model_type":"llama"}' },
  "model.safetensors": tensors(rows),
});
const moving = (commit: string, lastModified = "2024-01-01T00:00:00.000Z"): Repository => ({
  id: "acme/moving",
  commit,
  refs: { v1: FIRST },
  info: { lastModified },
  files: filesOf(commit === FIRST ? 8 : 16),
  revisions: { [FIRST]: { files: filesOf(8) } },
});

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      serveRealModel(realModel(SHARDED)),
      {
        id: "acme/gated",
        gated: "auto",
        files: filesOf(8),
        info: { safetensors: { parameters: { F32: 32 }, total: 32 } },
      },
      { id: "acme/new-name", aliases: ["acme/old-name"], files: filesOf(8), info: { downloads: 10_000 } },
    ],
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
afterAll(() => hub.close());

let env: { LLM_SIZE_CACHE: string };
beforeEach(() => {
  env = { LLM_SIZE_CACHE: mkdtempSync(join(tmpdir(), "llm-size-cache-")) };
  hub.addRepository(moving(FIRST));
  hub.clearFaults();
});

async function measure(...words: string[]) {
  hub.clearLog();
  const { report, exitCode, stderr } = await runJson(words, { hub, env });
  const [model] = report.models;
  return {
    exitCode,
    stderr,
    requests: hub.requests.length,
    total: model?.parameters.total ?? null,
    source: model?.source,
    model,
    codes: [...(model?.notes ?? []), ...report.failures].map(({ code }) => code),
  };
}

function entries(): string[] {
  const files = readdirSync(env.LLM_SIZE_CACHE, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile() && file.name !== "CACHEDIR.TAG")
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe("a second run", () => {
  test("costs one small request, and says the same", async () => {
    const first = await measure(SHARDED);
    const second = await measure(SHARDED);
    expect([first.source, second.source]).toEqual(["hub", "cache"]);
    expect(second.model).toEqual({ ...first.model, source: "cache" });
    expect(second.total).toBe(TOTAL);
    expect(second.requests).toBe(1);
    expect(hub.requests[0]?.bytesSent).toBeLessThan(500);
  });

  test("of a commit costs none", async () => {
    await measure(`acme/moving@${FIRST}`);
    expect(await measure(`acme/moving@${FIRST}`)).toMatchObject({ requests: 0, total: 32, source: "cache" });
  });

  test("of a commit that a branch was at costs none", async () => {
    await measure("acme/moving@main");
    expect(await measure(`acme/moving@${FIRST}`)).toMatchObject({ requests: 0, total: 32 });
  });

  test("offline costs none, and says how old the figures are", async () => {
    await measure("acme/moving");
    expect(await measure("acme/moving", "--offline")).toMatchObject({
      requests: 0,
      total: 32,
      source: "cache",
      stderr: "note: acme/moving: figures are of commit aaaaaaa, the last one seen\n",
    });
  });

  test("after a push reads the new commit, and the old one stays", async () => {
    await measure("acme/moving");
    hub.addRepository(moving(SECOND));
    expect(await measure("acme/moving")).toMatchObject({ total: 64, source: "hub" });
    expect(await measure("acme/moving")).toMatchObject({ total: 64, source: "cache", requests: 1 });
    expect(await measure("acme/moving@v1")).toMatchObject({ total: 32, source: "cache" });
  });

  test("when the Hub does not answer is right, and says so", async () => {
    await measure("acme/moving");
    hub.fail({ fault: "status", status: 503 });
    expect(await measure("acme/moving", "--retries", "0")).toMatchObject({
      total: 32,
      exitCode: 0,
      codes: ["CACHE_USED"],
      stderr: expect.stringMatching(/answered 503 .*; figures are of commit aaaaaaa, the last one seen\n$/),
    });
  });

  test("under an old name finds the new one again", async () => {
    const first = await measure("acme/old-name");
    const second = await measure("acme/old-name");
    expect(second.model).toEqual({ ...first.model, source: "cache" });
    expect(second.codes).toEqual(["MODEL_RENAMED"]);
    expect(second.requests).toBe(2); // one is the redirect
  });

  test("of a model behind a gate asks again: it may be open now", async () => {
    expect(await measure("acme/gated")).toMatchObject({ codes: expect.arrayContaining(["GATED_SUMMARY"]) });
    const { report } = await runJson(["acme/gated"], { hub, env: { ...env, HF_TOKEN: "hf_valid" } });
    expect(report.models).toMatchObject([{ evidence: "headers", parameters: { total: 32 } }]);
  });

  test.each([["--no-cache"], ["--no-cache", "--offline"]])("with %s %s leaves no trace", async (...flags) => {
    await measure("acme/moving", ...flags);
    expect(entries()).toEqual([]);
  });
});

describe("what happens to the cache between two runs", () => {
  const spoilers: [string, (path: string) => void][] = [
    ["emptied", (path) => writeFileSync(path, "")],
    ["cut in half", (path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ["overwritten", (path) => writeFileSync(path, "gibberish")],
    ["removed", (path) => rmSync(path)],
    ["from the future", (path) => utimesSync(path, new Date("2099-01-01"), new Date("2099-01-01"))],
    ["from before the epoch", (path) => utimesSync(path, new Date(0), new Date(0))],
  ];
  test.each(spoilers)("its files are %s: the next run is right, and mends them", async (_, spoil) => {
    await measure("acme/moving");
    for (const path of entries()) spoil(path);
    expect(await measure("acme/moving")).toMatchObject({ total: 32, exitCode: 0 });
    expect(await measure("acme/moving")).toMatchObject({ total: 32, requests: 1, source: "cache" });
  });

  test("the entry of one model lies where that of another belongs", async () => {
    await measure("acme/moving");
    await measure("acme/new-name");
    for (const ending of [".json.gz", ".contents.gz"]) {
      const [one, other] = entries().filter((path) => path.endsWith(ending));
      cpSync(one ?? "", other ?? "");
    }
    expect(await measure("acme/moving")).toMatchObject({ total: 32, exitCode: 0 });
    expect(await measure("acme/new-name")).toMatchObject({
      total: 32,
      exitCode: 0,
      model: { id: "acme/new-name" },
    });
  });
});

describe("a disk that refuses costs time, and nothing else", () => {
  test("a folder that cannot be written to", async () => {
    chmodSync(env.LLM_SIZE_CACHE, 0o555);
    expect(await measure("acme/moving")).toMatchObject({ total: 32, exitCode: 0, stderr: "" });
    chmodSync(env.LLM_SIZE_CACHE, 0o755);
  });

  test("a folder that is none", async () => {
    writeFileSync(join(env.LLM_SIZE_CACHE, "file"), "");
    env = { LLM_SIZE_CACHE: join(env.LLM_SIZE_CACHE, "file") };
    expect(await measure("acme/moving")).toMatchObject({ total: 32, exitCode: 0, stderr: "" });
    const { stdout } = await runProgram(["cache"], { env });
    expect(stdout).toContain("0 models in 0 B");
  });

  test("a disk that is full in the middle of an entry", async () => {
    const settings = { HF_ENDPOINT: hub.endpoint, ...env };
    const cramped = await runShell(`ulimit -f 1; llm-size ${SHARDED} --json`, settings);
    expect(JSON.parse(cramped.stdout)).toMatchObject({ models: [{ parameters: { total: TOTAL } }] });
    expect(cramped).toMatchObject({ exitCode: 0, stderr: "" });
    expect(entries().filter((path) => /\.(?:contents\.gz|tmp)$/.test(path))).toEqual([]); // 1 kB was too little
    expect(await measure(SHARDED)).toMatchObject({ total: TOTAL, exitCode: 0 });
  });
});

describe("what one run keeps is enough for the next", () => {
  const two = {
    id: "acme/urls",
    files: { ...filesOf(8), "a/other.safetensors": tensors(2), "b/other.safetensors": tensors(3) },
  };
  const url = (folder: string) => `https://huggingface.co/acme/urls/blob/main/${folder}/other.safetensors`;

  test("several files of one repository", async () => {
    hub.addRepository(two);
    const words = [url("a"), url("b"), "acme/urls"];
    await measure(...words);
    const { report, exitCode } = await runJson([...words, "--offline"], { hub, env });
    expect([exitCode, report.models.map(({ parameters }) => parameters.total)]).toEqual([0, [8, 12, 32]]);
  });

  test("a file of a model that the catalog knows does not stand before the catalog", async () => {
    hub.addRepository({ ...two, id: "distilbert/distilbert-base-uncased" });
    const known = "https://huggingface.co/distilbert/distilbert-base-uncased/blob/main/a/other.safetensors";
    await measure(known);
    expect(await measure("distilbert", "--offline")).toMatchObject({ exitCode: 0, source: "catalog" });
  });

  test("the notes of a name that was searched, and of one that is old", async () => {
    await measure("new-name");
    expect((await measure("new-name", "--offline")).codes).toEqual(["NAME_RESOLVED", "CACHE_USED"]);
    await measure("acme/old-name");
    expect((await measure("acme/old-name", "--offline")).codes).toEqual(["CACHE_USED", "MODEL_RENAMED"]);
  });

  test("a Hub that fails in the middle of a new commit: the last one that was seen", async () => {
    await measure("acme/moving");
    hub.addRepository(moving(SECOND));
    hub.fail({ fault: "status", status: 503, stage: "cdn" });
    expect(await measure("acme/moving", "--retries", "0")).toMatchObject({
      total: 32,
      codes: ["CACHE_USED"],
    });
  });
});

test.each(["./relative", "slash/", ".", "deep/er/", "name"])(
  "a cache in %s is cleared, and no other folder",
  async (name) => {
    const cwd = mkdtempSync(join(tmpdir(), "llm-size-home-"));
    mkdirSync(join(cwd, "empty"));
    const options = { hub, cwd, env: { LLM_SIZE_CACHE: name } };
    await runProgram(["acme/moving"], options);
    const { stdout, exitCode } = await runProgram(["cache", "clear"], options);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^removed 1 model/)]);
    expect(readdirSync(cwd)).toContain("empty");
  },
);

test("killed while it writes: the next run is right, and nothing half-written is taken for whole", async () => {
  const words = [SHARDED, "acme/moving", "--json"];
  const useEmptyCache = () => {
    env = { LLM_SIZE_CACHE: mkdtempSync(join(tmpdir(), "llm-size-cache-")) };
    hub.clearLog();
  };
  useEmptyCache();
  await runProgram(words, { hub, env });
  const { length: requests } = hub.requests;
  // It writes what it has read after the last answer.
  for (const afterMs of [0, 5, 10, 20, 40]) {
    useEmptyCache();
    await killBuilt(words, { HF_ENDPOINT: hub.endpoint, ...env }, async () => {
      while (hub.requests.length < requests) await sleep(1);
      await sleep(afterMs);
    });
    expect(await measure(SHARDED)).toMatchObject({ total: TOTAL, exitCode: 0 });
    expect(await measure("acme/moving")).toMatchObject({ total: 32, exitCode: 0 });
  }
});

test("many processes on one cold cache do not disturb each other", async () => {
  const settings = { HF_ENDPOINT: hub.endpoint, ...env };
  const runs = await Promise.all(
    Array.from({ length: 6 }, () => runBuilt([SHARDED, "acme/moving", "--json"], settings)),
  );
  for (const { stdout, exitCode } of runs) {
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      models: [{ parameters: { total: TOTAL } }, { parameters: { total: 32 } }],
    });
  }
  expect(entries().filter((path) => path.endsWith(".tmp"))).toEqual([]);
  expect(await measure(SHARDED)).toMatchObject({ total: TOTAL, source: "cache", requests: 1 });
});

describe("llm-size cache", () => {
  test("shows, prunes and clears", async () => {
    await measure("acme/moving");
    await measure("acme/new-name");
    const run = async (words: string) => (await runProgram(words.split(" "), { env })).stdout;
    expect(await run("cache")).toMatch(/: 2 models in [\d.]+ k?B, of at most 256 MB\n$/);
    expect(await run("cache prune")).toMatch(/^removed 0 models in 0 B\n.*: 2 models/);
    expect(await run("cache prune --max-size 600B")).toMatch(/^removed 1 model in/);
    expect(await run("cache clear")).toMatch(/: 0 models in 0 B/);
    expect(JSON.parse(await run("cache --json"))).toMatchObject({
      schemaVersion: 1,
      cache: { folder: env.LLM_SIZE_CACHE, entries: 0, bytes: 0, maxBytes: 256_000_000, removed: null },
    });
  });

  test.each([
    ["cache wipe", /Allowed choices are show, prune, clear/],
    ["cache --max-size 5MB", /--max-size is for prune/],
    ["cache prune --max-size 5", /its unit is missing/],
  ])("%s is refused", async (words, message) => {
    const { exitCode, stderr } = await runProgram(words.split(" "), { env });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
