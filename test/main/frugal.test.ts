import { afterEach, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
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
  test.each([
    [1, "google/gemma-2b-it"],
    [2, "google/gemma-2b-it"],
    [30, "meta-llama/Llama-3.1-70B-Instruct"],
    [72, "bigscience/bloom"],
  ])("%i shards: at most N + 4 requests to the Hub and N to the CDN (%s)", async (shards, id) => {
    const { hubRequests, cdnRequests } = await measureInShards(id, shards);
    expect(hubRequests.length).toBeLessThanOrEqual(shards + 4);
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
    expect(hubRequests.length).toBeLessThanOrEqual(4 + 4);
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
