import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import type { FaultRule } from "../hub/faults.ts";
import type { Repository } from "../hub/repository.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const tiny = buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]);
const config = { content: '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' };
const files = { "config.json": config, "model.safetensors": tiny };
const index = (map: Record<string, string>) => ({
  content: JSON.stringify({ metadata: {}, weight_map: map }),
});

const repositories: Repository[] = [
  { id: "acme/fine", files },
  { id: "acme/private", private: true, files },
  { id: "acme/disabled", disabled: true, files },
  { id: "acme/parts", files: { "a.safetensors": tiny, "b.safetensors": tiny } },
  { id: "acme/words", files: { "README.md": { content: "hello" } } },
  { id: "acme/no-config", files: { "model.safetensors": tiny } },
  {
    id: "acme/odd-config",
    files: { ...files, "config.json": { content: '\uFEFF{"model_type":"llama","a":NaN,"b":-Infinity}' } },
  },
  { id: "acme/bad-config", files: { ...files, "config.json": { content: "{oops" } } },
  {
    id: "acme/pointer",
    files: {
      ...files,
      "model.safetensors": { content: "version https://git-lfs.github.com/spec/v1\noid sha256:00\n" },
    },
  },
  { id: "acme/short", files: { ...files, "model.safetensors": { ...tiny, size: tiny.size - 2 } } },
  {
    id: "acme/index-only",
    files: {
      "config.json": config,
      "model.safetensors.index.json": index({ a: "model-00001-of-00001.safetensors" }),
    },
  },
  {
    id: "acme/evil-index",
    files: { "config.json": config, "model.safetensors.index.json": index({ a: "%2e%2e/x.safetensors" }) },
  },
  {
    id: "acme/missing-shard",
    files: {
      "config.json": config,
      "model-00001-of-00002.safetensors": tiny,
      "model.safetensors.index.json": index({
        a: "model-00001-of-00002.safetensors",
        b: "model-00002-of-00002.safetensors",
      }),
    },
  },
  {
    id: "acme/orphan",
    files: {
      "config.json": config,
      "model-00000-of-00002.safetensors": tiny,
      "model-00009-of-00002.safetensors": tiny,
      "model.safetensors.index.json": index({
        "model.embed_tokens.weight": "model-00000-of-00002.safetensors",
      }),
    },
  },
];

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories, quotas: { api: 1e6, resolvers: 1e6 }, lacks: ["blobs"] });
});
afterEach(() => hub.clearFaults());
afterAll(() => hub.close());

const TIMEOUT = { HF_HUB_DOWNLOAD_TIMEOUT: "1" };

describe("a model that cannot be measured", () => {
  test.each([
    ["acme/absent", {}, "MODEL_NOT_FOUND", /not found, or is private/],
    ["acme/private", {}, "MODEL_NOT_FOUND", /not found, or is private/],
    ["acme/absent", { HF_TOKEN: "hf_valid" }, "MODEL_NOT_FOUND", /was not found$/],
    ["acme/private", { HF_TOKEN: "hf_bad" }, "TOKEN_INVALID", /refused the token/],
    ["acme/fine@nope", {}, "REVISION_NOT_FOUND", /revision nope of acme\/fine was not found/],
    ["acme/disabled", {}, "MODEL_DISABLED", /disabled/],
    ["acme/parts", {}, "SEVERAL_MODELS", /a\.safetensors .*b\.safetensors/],
    ["acme/words", {}, "NO_WEIGHTS", /README\.md holds none/],
    ["acme/pointer", {}, "MALFORMED_WEIGHTS", /model\.safetensors is malformed: it is text/],
    ["acme/short", {}, "MALFORMED_WEIGHTS", /describes \d+ bytes; the file has/],
    ["acme/index-only", {}, "INCOMPLETE_WEIGHTS", /is missing 1 of its weight files: model-00001-of-00001/],
    ["acme/evil-index", {}, "MALFORMED_WEIGHTS", /not a file name/],
    ["acme/missing-shard", {}, "INCOMPLETE_WEIGHTS", /model-00002-of-00002/],
    ["./nowhere", {}, "PATH_NOT_FOUND", /does not exist/],
  ])("%s with %j: %s, exit code 3", async (reference, env, code, message) => {
    const { report, exitCode, stderr } = await runJson([reference], { hub, env });
    expect(report.failures).toMatchObject([
      { reference, code, retryable: false, message: expect.stringMatching(message) },
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`error: ${report.failures[0]?.message}`);
  });
});

describe("a Hub that does not answer as it should", () => {
  const cases: [string, FaultRule, string, number][] = [
    ["rate limit", { stage: "info", fault: "rate-limit", resetSeconds: 295 }, "RATE_LIMITED", 4],
    ["503 for the info", { stage: "info", fault: "status", status: 503 }, "HUB_FAILED", 4],
    ["500 for the listing", { stage: "tree", fault: "status", status: 500 }, "HUB_FAILED", 4],
    [
      "502 for the config, which may hold what counts",
      { file: "config.json", fault: "status", status: 502 },
      "HUB_FAILED",
      4,
    ],
    ["a reset connection", { stage: "tree", fault: "reset" }, "HUB_UNREACHABLE", 4],
    ["a stalled answer", { stage: "info", fault: "stall" }, "HUB_STALLED", 4],
    ["a stalled range", { stage: "cdn", fault: "stall" }, "HUB_STALLED", 4],
    ["a web page in place of JSON", { stage: "info", fault: "html" }, "HUB_ANSWER_INVALID", 4],
    ["a web page in place of weights", { stage: "cdn", fault: "html" }, "HUB_ANSWER_INVALID", 4],
    ["an error with status 200", { stage: "info", fault: "error-with-200" }, "HUB_ANSWER_INVALID", 4],
    [
      "an error with status 200 for the listing",
      { stage: "tree", fault: "error-with-200" },
      "HUB_ANSWER_INVALID",
      4,
    ],
    [
      "JSON of another shape",
      { stage: "tree", fault: "json", body: [{ type: "file", path: 7, size: -1 }] },
      "HUB_ANSWER_INVALID",
      4,
    ],
    [
      "a next page on another origin",
      { stage: "tree", fault: "foreign-link", origin: "http://127.0.0.1:9" },
      "HUB_ANSWER_INVALID",
      4,
    ],
    ["a redirect loop", { stage: "info", fault: "redirect-loop" }, "HUB_ANSWER_INVALID", 4],
    [
      "an API that leads to another host",
      { stage: "info", fault: "redirect", location: "http://127.0.0.1:9/x" },
      "HUB_ANSWER_INVALID",
      4,
    ],
    ["a truncated body", { stage: "cdn", fault: "truncate", keepBytes: 20 }, "HUB_UNREACHABLE", 4],
    ["too few bytes", { stage: "cdn", fault: "short-body", keepBytes: 20 }, "HUB_ANSWER_INVALID", 4],
    ["garbage in place of weights", { stage: "cdn", fault: "garbage" }, "MALFORMED_WEIGHTS", 3],
    ["a pointer in place of weights", { stage: "cdn", fault: "lfs-pointer" }, "HUB_ANSWER_INVALID", 4],
  ];
  test.each(cases)("%s", async (_, fault, code, expectedExit) => {
    hub.fail(fault);
    const { report, exitCode } = await runJson(["acme/fine", "--retries", "0"], { hub, env: TIMEOUT });
    expect(report.failures).toMatchObject([{ code, retryable: expectedExit === 4 }]);
    expect(exitCode).toBe(expectedExit);
  });
});

describe("a large file", () => {
  const large = {
    id: "acme/large",
    files: {
      "config.json": config,
      "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [500_000, 4000], "F32"]]),
    },
  };
  beforeAll(() => hub.addRepository(large));

  test.each([
    [
      "a wrong range",
      { stage: "cdn", fault: "wrong-content-range", contentRange: "bytes 5-9/10" },
      "HUB_ANSWER_INVALID",
    ],
    ["a range that is ignored", { stage: "cdn", fault: "ignore-range" }, "RANGE_IGNORED"],
  ] as [string, FaultRule, string][])("%s is noticed", async (_, fault, code) => {
    hub.clearLog();
    hub.fail(fault);
    const { report } = await runJson(["acme/large", "--retries", "0"], { hub, env: TIMEOUT });
    expect(report.failures).toMatchObject([{ code }]);
    const sent = hub.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeLessThan(20_000_000); // of 8 GB: what the sockets had taken when we hung up
  });
});

describe("what costs only what depends on it", () => {
  test.each([
    ["acme/no-config", ["CONFIG_MISSING"], null],
    ["acme/bad-config", ["CONFIG_MALFORMED"], null],
    ["acme/odd-config", [], "llama"],
    ["acme/orphan", ["SHARDS_ORPHANED"], "llama"],
  ])("%s leaves the notes %j", async (id, codes, modelType) => {
    const { report, exitCode } = await runJson([id], { hub });
    expect(exitCode).toBe(0);
    expect(report.models[0]).toMatchObject({ modelType, parameters: { total: 32 } });
    expect(report.models[0]?.notes.map(({ code }) => code)).toEqual(codes);
  });

  test("a bad token on a public model: measured without it, and said", async () => {
    const { report, exitCode, stderr } = await runJson(["acme/fine"], {
      hub,
      env: { HF_TOKEN: "hf_expired" },
    });
    expect(exitCode).toBe(0);
    expect(report.models[0]).toMatchObject({ evidence: "headers", parameters: { total: 32 } });
    expect(stderr).toMatch(/^note: acme\/fine: the Hub refused the token/);
  });
});

describe("several models", () => {
  test("the good ones are printed, the first bad kind decides the exit code", async () => {
    const { report, exitCode } = await runJson(["acme/fine", "acme/absent", "acme/orphan"], { hub });
    expect(report.models.map(({ reference }) => reference)).toEqual(["acme/fine", "acme/orphan"]);
    expect(report.failures.map(({ reference }) => reference)).toEqual(["acme/absent"]);
    expect(exitCode).toBe(3);
  });

  test("a Hub that may answer later comes before a model that never will", async () => {
    hub.fail({ fault: "status", status: 503, when: ({ path }) => path.includes("acme/fine") });
    const words = ["acme/fine", "acme/absent", "--retries", "0"];
    expect((await runProgram(words, { hub })).exitCode).toBe(4);
  });

  test("one wrong reference stops all before anything is asked", async () => {
    hub.clearLog();
    const { exitCode, stderr } = await runProgram(["acme/fine", "datasets/acme/x"], { hub });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: invalid model "datasets\/acme\/x"/);
    expect(hub.requests).toEqual([]);
  });
});
