import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainModel } from "../../src/api/explain.ts";
import { measureReport } from "../../src/api/documents.ts";
import { measureEach, measureOne } from "../../src/api/measure.ts";
import { buildReduceRequest, reduceModel } from "../../src/api/reduce.ts";
import { LlmSizeError } from "../../src/errors.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { timedOut } from "../../src/source/hub/clock.ts";
import { parseReference, type Reference } from "../../src/source/reference.ts";
import { connectSources } from "../../src/source/connect.ts";
import type { Sources } from "../../src/source/sources.ts";
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
const measureAll = (references: Iterable<Reference> | AsyncIterable<Reference>) =>
  measureEach(references, (reference) => measureOne(reference, options()));

test("yields the model that was read and its document, and a failure for one that is missing", async () => {
  const outcomes = new Map<string, { models: number; failures: string[] }>();
  for await (const { reference, models, failures } of measureAll([parse(MODEL), parse("acme/none")])) {
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

describe("a deadline stops computing", () => {
  /** Compute while `checks` checks of the time pass; the next one is too late. */
  async function compute<Result>(checks: number, work: (sources: Sources) => Promise<Result>) {
    let done = 0;
    const checkTime = (model: string) => {
      if (++done > checks) throw timedOut(model, 5000);
    };
    const withDeadline: Sources["hub"]["withDeadline"] = (inTime) =>
      sources.hub.withDeadline((connected) => inTime({ ...connected, checkTime }));
    // The catalog would answer at once.
    const findCatalogResult = async () => null;
    const result = await work({ ...sources, findCatalogResult, hub: { ...sources.hub, withDeadline } });
    return { result, done };
  }
  const request = buildReduceRequest({ quantizations: LEVEL_QUANTIZATIONS });
  const late = { code: "MODEL_TIMED_OUT", reference: MODEL };

  test("of measuring, in reading, classifying and each size", async () => {
    const measure = (found: Sources) => measureReport([parse(MODEL)], { ...options(), sources: found });
    const { done } = await compute(Infinity, measure);
    expect(done).toBe(2 + 3 + LEVEL_QUANTIZATIONS.length);
    for (let checks = 0; checks < done; checks++)
      expect((await compute(checks, measure)).result).toMatchObject({ models: [], failures: [late] });
  });

  test("of explaining and reducing", async () => {
    const explain = (found: Sources) => explainModel(parse(MODEL), { ...options(), sources: found });
    expect((await compute(9, explain)).result).toMatchObject({ model: null, failures: [late] });
    const reduce = (found: Sources) => reduceModel(parse(MODEL), request, { sources: found });
    const { result, done } = await compute(Infinity, reduce);
    expect(done).toBeGreaterThan(3 * result.rows.length);
    for (const checks of [9, 30, done - 1]) {
      const { rows, model, failures } = (await compute(checks, reduce)).result;
      expect([rows, model?.id, failures]).toMatchObject([[], MODEL, [late]]);
    }
  });
});

test("reads on only while outcomes are taken", async () => {
  let asked = 0;
  function* many(): Generator<Reference> {
    for (; asked < 1000; asked++) yield parse(`acme/none-${asked}`);
  }
  for await (const _ of measureAll(many())) break;
  expect(asked).toBeLessThan(50);
});

test("throws what the references throw", async () => {
  const error = new LlmSizeError("USAGE", { message: "no list" });
  async function* broken(): AsyncGenerator<Reference> {
    yield parse(MODEL);
    throw error;
  }
  const drain = async () => {
    for await (const _ of measureAll(broken()));
  };
  await expect(drain()).rejects.toBe(error);
});

test("a report keeps the order of the references", async () => {
  const { models, failures } = await measureReport(["acme/a", MODEL, "acme/b", MODEL].map(parse), options());
  expect(models.map(({ reference }) => reference)).toEqual([MODEL, MODEL]);
  expect(failures.map(({ reference }) => reference)).toEqual(["acme/a", "acme/b"]);
});
