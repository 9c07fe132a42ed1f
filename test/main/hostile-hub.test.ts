/** A Hub that means harm: every run ends in time, asks for little, and says one sentence. */
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runBuilt } from "../built.ts";
import type { FaultRule } from "../hub/faults.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson } from "../program.ts";

const COMMIT = "c".repeat(40);
const files = {
  "config.json": { content: '{"model_type":"llama"}' },
  "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]),
};
/** An answer for the model's info. */
const info = (id: unknown) => ({
  _id: "1",
  id,
  sha: COMMIT,
  disabled: false,
  lastModified: "2024-01-01T00:00:00Z",
});

let hub: StandInHub;
beforeAll(async () => {
  const repositories = [{ id: "acme/model", files }];
  hub = await startHub({ repositories, quotas: { api: 1e6, resolvers: 1e6 }, lacks: ["blobs"] });
});
beforeEach(() => {
  hub.clearFaults();
  hub.clearLog();
});
afterAll(() => hub.close());

const WORDS = ["acme/model", "--timeout", "800ms", "--retries", "0"];
const run = (...words: string[]) =>
  runJson([...WORDS, ...words], { hub, env: { HF_HUB_DOWNLOAD_TIMEOUT: "0.25" } });

describe("what never becomes an answer ends within the deadline", () => {
  const UPGRADE = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  const cases: [string, { readonly text: string; readonly everyMs?: number }][] = [
    ["an upgrade", { text: UPGRADE }],
    ["one promise to continue", { text: "HTTP/1.1 100 Continue\r\n\r\n" }],
    ["early hints without an end", { text: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", everyMs: 20 }],
    ["half a header", { text: "HTTP/1.1 200 OK\r\nContent-" }],
    ["a header without an end", { text: "HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(100_000) }],
    ["no HTTP", { text: "220 mail.example ESMTP\r\n" }],
    ["chunks that are none", { text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" }],
    ["empty lines", { text: "\r\n", everyMs: 5 }],
  ];

  test.each(cases)("%s", async (_, raw) => {
    for (const stage of ["info", "header"] as const) {
      hub.clearFaults();
      hub.fail({ fault: "raw", ...raw, stage });
      const { report, exitCode } = await run();
      expect(exitCode).toBe(4);
      expect(report.failures).toMatchObject([
        { code: expect.stringMatching(/^HUB_|^MODEL_TIMED_OUT$/) as unknown },
      ]);
    }
  });

  test("in the built program, too", async () => {
    hub.fail({ fault: "raw", text: UPGRADE });
    const { stderr, exitCode } = await runBuilt(WORDS, { HF_ENDPOINT: hub.endpoint });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error: 127\.0\.0\.1:\d+ answered 101 for acme\/model\n {2}hint: .*\n$/);
  });
});

describe("what has no end is bounded", () => {
  const directories = Array.from({ length: 1000 }, () => ({
    type: "directory",
    path: "a",
    size: 0,
    oid: "x",
  }));
  test.each<[string, FaultRule]>([
    ["pages without files", { fault: "endless-pages", items: [], isCircle: false }],
    ["pages in a circle", { fault: "endless-pages", items: [], isCircle: true }],
    ["pages of folders", { fault: "endless-pages", items: directories, isCircle: false }],
  ])("%s", async (_, fault) => {
    hub.fail({ ...fault, stage: "tree" });
    const { report, exitCode } = await runJson(["acme/model", "--retries", "0"], { hub });
    expect([exitCode, report.failures[0]?.code]).toEqual([4, "HUB_ANSWER_INVALID"]);
    expect(hub.requests.length).toBeLessThan(520);
  });

  test("pages of a search", async () => {
    hub.fail({ fault: "endless-pages", items: [], isCircle: false, stage: "search" });
    const { report } = await runJson(["no-such-model", "--retries", "0"], { hub });
    expect(report.failures[0]?.code).toBe("HUB_ANSWER_INVALID");
    expect(hub.requests.length).toBeLessThan(520);
  });
});

describe("an answer with names that lead elsewhere", () => {
  const ids = [
    "a/../../../../../../outside",
    "../x",
    "..",
    "a/b/c",
    "/etc/passwd",
    "a\\b",
    "",
    "x".repeat(5000),
    "\ud800",
    7,
  ];
  test.each(ids)("the id %j is refused, and nothing is written", async (id) => {
    const parent = mkdtempSync(join(tmpdir(), "llm-size-parent-"));
    const env = { LLM_SIZE_CACHE: join(parent, "a", "b", "c") };
    hub.fail({ fault: "json", body: info(id), stage: "info" });
    const { report, exitCode } = await runJson(WORDS, { hub, env });
    expect([exitCode, report.failures[0]?.code]).toEqual([4, "HUB_ANSWER_INVALID"]);
    expect(readdirSync(parent)).toEqual([]);
  });

  test("the id of another model is refused, of a new model and of one that is cached", async () => {
    const env = { LLM_SIZE_CACHE: mkdtempSync(join(tmpdir(), "llm-size-parent-")) };
    const measure = async () => (await runJson(WORDS, { hub, env })).report;
    const other = { ...info("acme/other"), siblings: [] };
    hub.fail({ fault: "json", body: other, stage: "info" });
    expect((await measure()).failures[0]?.message).toMatch(
      /: it is of acme\/other, without a redirect to it$/,
    );
    hub.clearFaults();
    expect((await measure()).models).toMatchObject([{ id: "acme/model", source: "hub" }]);
    hub.fail({ fault: "json", body: other, stage: "info" });
    expect((await measure()).models).toMatchObject([{ id: "acme/model", source: "cache" }]);
  });

  test.each([
    "../x.safetensors",
    "/x.safetensors",
    "a//x.safetensors",
    "a/./x.bin",
    "\ud800.safetensors",
    "",
  ])("the path %j", async (path) => {
    hub.fail({ fault: "json", body: [{ type: "file", path, size: 10, oid: "x" }], stage: "tree" });
    const { report, exitCode } = await run();
    expect([exitCode, report.failures[0]?.code]).toEqual([4, "HUB_ANSWER_INVALID"]);
    hub.clearFaults();
    const siblings = [{ rfilename: path, size: 10 }];
    hub.fail({ fault: "json", body: { id: "acme/model", sha: "1".repeat(40), siblings }, stage: "info" });
    expect((await run()).report.failures).toMatchObject([{ code: "HUB_ANSWER_INVALID" }]);
  });
});
