import { afterAll, beforeAll, expect, test } from "vitest";
import { measureEach, measureReport } from "../../src/api/measure.ts";
import { LlmSizeError } from "../../src/errors.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { parseReference, type Reference } from "../../src/source/reference.ts";
import { connectSources, type Sources } from "../../src/source/sources.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";

const MODEL = "openai-community/gpt2";
let hub: StandInHub;
let sources: Sources;
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel(MODEL))] });
  const system = { env: { HF_ENDPOINT: hub.endpoint }, cwd: "/", home: "/nowhere" };
  sources = await connectSources({ system, flags: {}, useCache: false });
});
afterAll(() => hub.close());

const parse = (text: string) => parseReference(text, hub.endpoint);
const options = () => ({ sources, quantizations: LEVEL_QUANTIZATIONS });

test("yields the model that was read and its document, and a failure for one that is missing", async () => {
  const outcomes = new Map<string, { models: number; failures: string[] }>();
  for await (const { reference, models, failures } of measureEach(
    [parse(MODEL), parse("acme/none")],
    options(),
  )) {
    outcomes.set(reference.text, { models: models.length, failures: failures.map(({ code }) => code) });
    for (const { document, classified, repository } of models) {
      expect(document.parameters.total).toBe(124_439_808);
      expect(classified?.weights.length).toBeGreaterThan(100);
      expect(repository.id).toBe(document.id);
    }
  }
  expect(outcomes).toEqual(
    new Map([
      [MODEL, { models: 1, failures: [] }],
      ["acme/none", { models: 0, failures: ["MODEL_NOT_FOUND"] }],
    ]),
  );
});

test("reads on only while outcomes are taken", async () => {
  let asked = 0;
  function* many(): Generator<Reference> {
    for (; asked < 1000; asked++) yield parse(`acme/none-${asked}`);
  }
  for await (const _ of measureEach(many(), options())) break;
  expect(asked).toBeLessThan(50);
});

test("throws what the references throw", async () => {
  const error = new LlmSizeError("USAGE", { message: "no list" });
  async function* broken(): AsyncGenerator<Reference> {
    yield parse(MODEL);
    throw error;
  }
  const measureAll = async () => {
    for await (const _ of measureEach(broken(), options()));
  };
  await expect(measureAll()).rejects.toBe(error);
});

test("a report keeps the order of the references", async () => {
  const { models, failures } = await measureReport(["acme/a", MODEL, "acme/b", MODEL].map(parse), options());
  expect(models.map(({ reference }) => reference)).toEqual([MODEL, MODEL]);
  expect(failures.map(({ reference }) => reference)).toEqual(["acme/a", "acme/b"]);
});
