import { afterEach, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runJson } from "../program.ts";

let hub: StandInHub;
afterEach(() => hub.close());

async function measureInShards(id: string, shards: number, env: Record<string, string> = {}) {
  hub = await startHub({ repositories: [serveRealModel(realModel(id), { shards })] });
  const run = await runJson([id], { hub, env });
  expect(run.exitCode).toBe(0);
  const to = (origin: "hub" | "cdn") => hub.requests.filter((request) => request.origin === origin);
  return { ...run, hubRequests: to("hub"), cdnRequests: to("cdn") };
}

describe("what a measurement costs", () => {
  test("a model of one file: one request to the API and two for files", async () => {
    const { hubRequests, cdnRequests } = await measureInShards("google/gemma-2b-it", 1);
    expect(hubRequests.map(({ path }) => path.split("/")[1])).toEqual(["api", "api", "google"]);
    expect(hubRequests.map(({ stage, status }) => [stage, status])).toEqual([
      ["info", 200],
      ["config", 200],
      ["header", 302],
    ]);
    expect(cdnRequests.map(({ range }) => range)).toEqual(["bytes=0-99999"]);
  });

  test.each([
    [1, "google/gemma-2b-it"],
    [2, "google/gemma-2b-it"],
    [30, "meta-llama/Llama-3.1-70B-Instruct"],
    [72, "bigscience/bloom"],
  ])("%i shards: N + 2 requests to the Hub and N to the CDN (%s)", async (shards, id) => {
    const { hubRequests, cdnRequests } = await measureInShards(id, shards);
    expect(hubRequests.length).toBe(shards + 2);
    expect(cdnRequests).toHaveLength(shards);
  });

  test("thirty shards cost less than a megabyte", async () => {
    const { hubRequests, cdnRequests } = await measureInShards("meta-llama/Llama-3.1-70B-Instruct", 30);
    const bytes = [...hubRequests, ...cdnRequests].reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(bytes).toBeLessThan(1_000_000);
  });

  test("a long header costs a second range, which begins where the first ended and takes no tensor data", async () => {
    const { cdnRequests, hubRequests } = await measureInShards("Qwen/Qwen3-30B-A3B", 4);
    for (const path of new Set(cdnRequests.map((request) => request.path))) {
      const [first, second, ...more] = cdnRequests.filter((request) => request.path === path);
      expect(first?.range).toBe("bytes=0-31999");
      expect(second?.range).toMatch(/^bytes=32000-\d+$/);
      expect(more).toEqual([]);
    }
    expect(hubRequests.length).toBeLessThanOrEqual(4 + 2);
  });

  test("a range never reaches past the end of a file", async () => {
    hub = await startHub({ repositories: [serveRealModel(realModel("google/gemma-2b-it"))] });
    const { report } = await runJson(["google/gemma-2b-it"], { hub });
    const sizes = new Map(report.models[0]?.published?.files.map(({ path, bytes }) => [path, bytes]));
    for (const { range, file } of hub.requests.filter(({ origin }) => origin === "cdn"))
      expect(Number(range?.split("-")[1])).toBeLessThan(sizes.get(file ?? "") ?? 0);
  });

  test("the token goes to the Hub and never to the CDN", async () => {
    const { hubRequests, cdnRequests } = await measureInShards("google/gemma-2b-it", 2, {
      HF_TOKEN: "hf_valid",
    });
    expect(new Set(hubRequests.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer hf_valid"]),
    );
    expect(cdnRequests.map(({ authorization }) => authorization)).toEqual([null, null]);
  });

  test("complete shards need no index; every request says who asks", async () => {
    const { hubRequests } = await measureInShards("google/gemma-2b-it", 2);
    expect(hubRequests.filter(({ path }) => path.endsWith(".index.json"))).toEqual([]);
    expect(hubRequests.every(({ userAgent }) => userAgent?.startsWith("llm-size/"))).toBe(true);
  });
});

describe("one commit, whatever happens meanwhile", () => {
  const [FIRST, SECOND] = ["1".repeat(40), "2".repeat(40)] as const;
  const filesOf = (rows: number) => ({
    "config.json": { content: JSON.stringify({ model_type: "llama", vocab_size: rows }) },
    "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [rows, 4], "F32"]]),
  });
  const measured = { models: [{ revision: FIRST, parameters: { total: 32 } }], failures: [] };

  test.each([
    ["knows all", []],
    ["lists files page by page", ["blobs"]],
    ["has files behind redirects only", ["resolve-cache"]],
    ["knows neither", ["blobs", "resolve-cache"]],
  ] as const)("a Hub that %s answers with the same", async (_, lacks) => {
    hub = await startHub({ lacks, repositories: [{ id: "acme/model", commit: FIRST, files: filesOf(8) }] });
    expect((await runJson(["acme/model"], { hub })).report).toMatchObject(measured);
  });

  test.each(["info", "config"] as const)("a push after the %s is not seen", async (stage) => {
    hub = await startHub({ repositories: [{ id: "acme/model", commit: FIRST, files: filesOf(8) }] });
    const push = () => {
      const revisions = { [FIRST]: { files: filesOf(8) } };
      hub.addRepository({ id: "acme/model", commit: SECOND, files: filesOf(16), revisions });
      return false;
    };
    // The stand-in asks after it has made the answer.
    hub.fail({ fault: "reset", stage, when: push });
    expect((await runJson(["acme/model"], { hub })).report).toMatchObject(measured);
  });

  test.each(["config.json", "model.safetensors"] as const)(
    "another %s of the same size is refused",
    async (path) => {
      const [files, others] = [filesOf(8), filesOf(9)];
      hub = await startHub({ repositories: [{ id: "acme/model", commit: FIRST, files }] });
      const replace = () => {
        hub.addRepository({ id: "acme/model", commit: FIRST, files: { ...files, [path]: others[path] } });
        return false;
      };
      hub.fail({ fault: "reset", stage: "info", when: replace });
      const { report, exitCode } = await runJson(["acme/model"], { hub });
      expect(exitCode).toBe(4);
      expect(report.failures).toMatchObject([{ code: "HUB_ANSWER_INVALID" }]);
    },
  );
});
