import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { measureReport } from "../../src/api/documents.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import { LlmSizeError } from "../../src/errors.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { connectSources } from "../../src/source/connect.ts";
import { parseReference } from "../../src/source/reference.ts";
import type { Repository } from "../../src/source/repository.ts";
import type { Sources } from "../../src/source/sources.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";

const MODEL = "openai-community/gpt2";
let hub: StandInHub;
let connected: Sources;
const results = new Map<string, JsonObject>();
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel(MODEL))] });
  const system = { env: { HF_ENDPOINT: hub.endpoint }, cwd: "/", home: "/nowhere" };
  connected = await connectSources({ system, flags: {}, useCache: false });
});
beforeEach(() => {
  hub.clearLog();
  results.clear();
});
afterAll(() => hub.close());

/** Measure with results that are kept in memory; `change` is what happens to the repository. */
async function measure(text: string, change: (repository: Repository) => Partial<Repository> = () => ({})) {
  const kept: Repository["results"] = {
    find: async (settings) => results.get(settings) ?? null,
    keep: async (settings, result) => void results.set(settings, result),
  };
  const sources: Sources = {
    ...connected,
    listCandidates: async (...words) =>
      (await connected.listCandidates(...words)).map((open) => async (failure) => {
        const repository = await open(failure);
        return repository && { ...repository, results: kept, ...change(repository) };
      }),
  };
  const { models, failures } = await measureReport([parseReference(text, hub.endpoint)], {
    sources,
    quantizations: LEVEL_QUANTIZATIONS,
  });
  return models[0] ?? expect.unreachable(JSON.stringify(failures));
}

test("a second run finds what the first one measured, and reads no file", async () => {
  const first = await measure(MODEL);
  expect(hub.requests.filter(({ stage }) => stage === "header")).toHaveLength(1);
  hub.clearLog();
  expect(await measure(MODEL)).toEqual(first);
  expect(hub.requests.map(({ stage }) => stage)).toEqual(["info"]);
});

test("notes on how the model was found are those of the run", async () => {
  const { notes } = await measure(MODEL);
  const renamed = { code: "MODEL_RENAMED", message: "gpt2 is now openai-community/gpt2" } as const;
  expect((await measure(MODEL, () => ({ notes: [renamed] }))).notes).toEqual([renamed, ...notes]);
  expect((await measure(MODEL)).notes).toEqual(notes);
});

test("a file and the whole model have results of their own", async () => {
  await measure(MODEL);
  await measure(`https://huggingface.co/${MODEL}/blob/main/model.safetensors`);
  expect(results.size).toBe(2);
});

test("nothing is kept where a part is not available now, though the model is measured", async () => {
  const readText: Repository["readText"] = async (path) => {
    throw new LlmSizeError("FILE_NOT_FOUND", { model: MODEL, path });
  };
  const { parameters, notes } = await measure(MODEL, () => ({ readText }));
  expect([parameters.total, notes.map(({ code }) => code)]).toEqual([124_439_808, ["CONFIG_MISSING"]]);
  expect(results.size).toBe(0);
});
