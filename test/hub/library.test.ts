import {
  downloadFile,
  listFiles,
  listModels,
  modelInfo,
  parseSafetensorsMetadata,
  pathsInfo,
} from "@huggingface/hub";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StandInHub, startHub } from "./hub.ts";
import { realModel, serveRealModel } from "./real-models.ts";

// The Hub's own library must find in the stand-in what it finds on the Hub.

const GPT2 = "openai-community/gpt2";
const GEMMA = "google/gemma-2b-it";

let hub: StandInHub;
let hubUrl: string;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      { ...serveRealModel(realModel(GPT2)), aliases: ["gpt2"] },
      { ...serveRealModel(realModel(GEMMA)), gated: "manual" },
      ...Array.from({ length: 7 }, (_, index) => ({
        id: `org/tiny-${index}`,
        info: { downloads: index },
        files: {},
      })),
    ],
  });
  hubUrl = hub.endpoint;
});
afterAll(() => hub.close());

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("modelInfo follows a former name", async () => {
  const info = await modelInfo({ name: "gpt2", hubUrl, additionalFields: ["safetensors", "sha", "config"] });
  expect(info).toMatchObject({
    name: GPT2,
    gated: false,
    safetensors: { parameters: { F32: 137_022_720 }, total: 137_022_720 },
    config: { model_type: "gpt2", architectures: ["GPT2LMHeadModel"] },
  });
});

test("listFiles and pathsInfo agree", async () => {
  const listed = await collect(listFiles({ repo: GEMMA, recursive: true, hubUrl }));
  const shard = listed.find(({ path }) => path === "model-00001-of-00002.safetensors");
  expect(shard).toMatchObject({ type: "file", size: 4_945_242_264, lfs: { size: 4_945_242_264 } });
  const [same, ...rest] = await pathsInfo({ repo: GEMMA, paths: [shard?.path ?? "", "nope"], hubUrl });
  expect(same).toMatchObject({ ...shard });
  expect(rest).toEqual([]);
});

test("downloadFile reads git and LFS files", async () => {
  const config = await downloadFile({ repo: GPT2, path: "config.json", hubUrl, xet: false });
  expect(JSON.parse((await config?.text()) ?? "")).toEqual(realModel(GPT2).config);
  const weights = await downloadFile({ repo: GPT2, path: "model.safetensors", hubUrl, xet: false });
  expect(await weights?.slice(8, 23).text()).toBe('{"__metadata__"');
  expect(await downloadFile({ repo: GPT2, path: "nope", hubUrl })).toBeNull();
});

test("listModels pages through a search", async () => {
  const found = await collect(
    listModels({ search: { owner: "org", query: "tiny" }, sort: "downloads", hubUrl }),
  );
  expect(found.map(({ name }) => name)).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `org/tiny-${index}`));
  const link = (await fetch(`${hubUrl}/api/models?search=tiny&limit=3`)).headers.get("link");
  expect(link).toContain('rel="next"');
});

test.each([
  [GPT2, undefined, { F32: 137_022_720 }],
  [GEMMA, "hf_valid", { BF16: 2_506_172_416 }],
])("parseSafetensorsMetadata counts %s", async (repo, accessToken, expected) => {
  // The type lacks `xet`, but the option reaches downloadFile.
  const options = {
    repo,
    hubUrl,
    computeParametersCount: true as const,
    xet: false,
    ...(accessToken && { accessToken }),
  };
  const { parameterCount } = await parseSafetensorsMetadata(options);
  expect(parameterCount).toEqual(expected);
  expect(
    hub.requests.filter(({ origin, authorization }) => origin === "cdn" && authorization !== null),
  ).toEqual([]);
});

test("a gated file stays closed without a token", async () => {
  await expect(downloadFile({ repo: GEMMA, path: "config.json", hubUrl })).rejects.toMatchObject({
    statusCode: 401,
  });
});
