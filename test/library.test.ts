/** The library, against the stand-in Hub. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check, diff, explain, getExitCode, measure, measureEach, reduce } from "../src/index.ts";
import { startHub, type StandInHub } from "./hub/hub.ts";
import { realModel, serveRealModel } from "./hub/real-models.ts";

const MODEL = "google/gemma-2b-it";
let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel(MODEL))] });
});
afterAll(() => hub.close());

const home = mkdtempSync(join(tmpdir(), "llm-size-library-"));
const env = () => ({ HF_ENDPOINT: hub.endpoint, HF_HOME: home });

test("one malformed reference and one unknown model are failures, not the loss of a list", async () => {
  const { models, failures } = await measure([MODEL, "org/name@", "acme/none"], { env: env() });
  expect(models.map(({ id, parameters }) => [id, parameters.total])).toEqual([[MODEL, 2506172416]]);
  expect(failures.map(({ reference, code }) => [reference, code])).toEqual([
    ["org/name@", "INVALID_REFERENCE"],
    ["acme/none", "MODEL_NOT_FOUND"],
  ]);
});

test("measureEach yields each result with its reference", async () => {
  const results = [];
  for await (const { reference, models, failures } of measureEach([MODEL, "org/name@"], { env: env() }))
    results.push([reference, models.length, failures.length]);
  expect(results.toSorted()).toEqual([
    [MODEL, 1, 0],
    ["org/name@", 0, 1],
  ]);
});

describe("the token", () => {
  const sent = () => hub.requests.map(({ origin, authorization }) => [origin, authorization] as const);

  test.each([
    ["of the environment", { HF_TOKEN: "hf_valid" }, {}, "Bearer hf_valid"],
    ["of the option, which wins", { HF_TOKEN: "hf_noaccess" }, { token: "hf_valid" }, "Bearer hf_valid"],
  ])("%s goes to the endpoint only", async (_, variables, options, header) => {
    hub.clearLog();
    await measure(MODEL, { env: { ...env(), ...variables }, ...options });
    const toHub = sent().filter(([origin]) => origin === "hub");
    const toCdn = sent().filter(([origin]) => origin === "cdn");
    expect(toHub.length).toBeGreaterThan(1);
    expect(toCdn.length).toBeGreaterThan(0);
    expect(new Set(toHub.map(([, token]) => token))).toEqual(new Set([header]));
    expect(new Set(toCdn.map(([, token]) => token))).toEqual(new Set([null]));
  });
});

test("an aborted signal ends the work with its reason", async () => {
  const controller = new AbortController();
  const work = measure(MODEL, {
    env: env(),
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(work).rejects.toThrow("enough");
  await expect(
    measure(MODEL, { env: env(), signal: AbortSignal.abort(new Error("before")) }),
  ).rejects.toThrow("before");
});

test("progress counts files", async () => {
  const steps: number[] = [];
  await measure(MODEL, { env: env(), onProgress: ({ read }) => steps.push(read) });
  expect(Math.max(...steps)).toBe(2);
});

test("a gate: verdicts and the exit code of the program", async () => {
  const budgets = (maxSize: string) => ({ budgets: [{ model: MODEL, quantization: "int4", maxSize }] });
  const passed = await check(budgets("1.5GB"), { env: env() });
  const exceeded = await check(budgets("1GB"), { env: env() });
  expect([passed.passed, getExitCode(passed)]).toEqual([true, 0]);
  expect([exceeded.passed, getExitCode(exceeded)]).toEqual([false, 1]);
  await expect(check({ budgets: [{ model: MODEL, maxSize: "1" }] }, { env: env() })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("explain, reduce and diff give the documents of --json", async () => {
  expect((await explain(MODEL, { env: env() })).model?.id).toBe(MODEL);
  expect((await reduce(MODEL, { env: env(), techniques: ["sharing"] })).rows.length).toBeGreaterThan(1);
  const { changes } = await diff("gemma-2b", "gemma-7b", { offline: true });
  expect(changes).toHaveLength(1);
  const lock = join(home, "old.json");
  writeFileSync(lock, '{"lockVersion":1,"models":[]}');
  expect((await diff(lock, MODEL, { env: env() })).changes).toEqual([]);
});
