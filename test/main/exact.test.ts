import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { readRealModels, serveRealModel } from "../hub/real-models.ts";
import { runJson } from "../program.ts";

const CLASSES: Record<string, string> = {
  "google/gemma-2b-it": "2B",
  "google/gemma-7b": "7B",
  "mistralai/Mistral-7B-v0.1": "7B",
  "Qwen/Qwen2.5-0.5B-Instruct": "0.5B",
  "mistralai/Mixtral-8x7B-v0.1": "8x7B",
  "Qwen/Qwen3-30B-A3B": "30B",
  "distilbert/distilbert-base-uncased": "66M",
};

const ACTIVE: Record<string, number> = {
  "mistralai/Mixtral-8x7B-v0.1": 12_879_925_248,
  "Qwen/Qwen3-30B-A3B": 3_353_032_704,
  "google/gemma-7b": 8_537_680_896,
};

describe("every well-known model, through the Hub", () => {
  const models = readRealModels();
  let hub: StandInHub;
  beforeAll(async () => {
    hub = await startHub({
      repositories: models.map((model) => serveRealModel(model)),
      quotas: { api: 1e6, resolvers: 1e6 },
    });
  });
  afterAll(() => hub.close());

  test.each(models)("$id has $parameters parameters", async ({ id, parameters, storedElements }) => {
    const { report, exitCode } = await runJson([id], { hub });
    const [model] = report.models;
    expect(exitCode).toBe(0);
    expect(model).toMatchObject({
      id,
      source: "hub",
      evidence: "headers",
      parameters: { total: parameters, stored: storedElements },
    });
    expect(Object.values(model?.parameters.byRole ?? {}).reduce((a, b) => a + b)).toBe(parameters);
    if (id in CLASSES) expect(model?.sizeClass?.label).toBe(CLASSES[id]);
    if (id in ACTIVE) expect(model?.parameters.active).toBe(ACTIVE[id]);
  });

  test("Gemma 2B it weighs what its two files weigh on the Hub", async () => {
    const { report } = await runJson(["gemma-2b-it"], { hub });
    expect(report.models[0]?.published).toMatchObject({ basis: "published", bytes: 5_012_363_872 });
  });
});

describe("every small checkpoint written by transformers and torch, from disk", () => {
  const root = new URL("../../fixtures/checkpoints/", import.meta.url);
  const truth = JSON.parse(readFileSync(new URL("truth.json", root), "utf8")) as {
    id: string;
    params: number;
  }[];
  test("there are seventeen: single, sharded, tied, as safetensors and as PyTorch files of all ages", () => {
    expect(truth).toHaveLength(17);
  });

  test.each(truth)("torch counts $params parameters in $id", async ({ id, params }) => {
    const { report } = await runJson([`./fixtures/checkpoints/${id}`]);
    expect(report.models[0]).toMatchObject({
      source: "local",
      revision: null,
      parameters: { total: params },
    });
  });
});
