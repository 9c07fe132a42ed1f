/** The Hub on a bad day. The whole matrix of faults is in test/faults. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runBuilt, runUntilSaid } from "../built.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const files = {
  "config.json": { content: '{"model_type":"llama"}' },
  "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]),
};

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories: ["acme/one", "acme/two"].map((id) => ({ id, files })) });
});
beforeEach(() => {
  hub.clearFaults();
  hub.clearLog();
});
afterAll(() => hub.close());

const run = (...words: string[]) => runJson(words, { hub, env: { HF_HUB_DOWNLOAD_TIMEOUT: "0.5" } });

describe("a limited rate", () => {
  test("is waited for, and said once; the other models wait, too", async () => {
    hub.fail({ fault: "rate-limit", resetSeconds: 1, stage: "info", times: 1 });
    const { report, exitCode, stderr } = await run("acme/one", "acme/two");
    expect([exitCode, report.models.length]).toEqual([0, 2]);
    expect(stderr).toMatch(
      /^note: 127\.0\.0\.1:\d+ limits the rate of requests \(it takes 500 in 5 min\); waiting [123] s\n$/,
    );
  });

  test("is kept, once it is known, without a single refusal", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `acme/model-${index}`);
    const small = await startHub({
      repositories: names.map((id) => ({ id, files })),
      quotas: { api: 20 },
      windowSeconds: 2,
    });
    const { report, exitCode } = await runJson(names, { hub: small });
    await small.close();
    expect([exitCode, report.models.length]).toEqual([0, 30]);
    expect(small.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  test("tells a long list how long it takes", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `acme/model-${index}`);
    const repositories = names.map((id) => ({ id, files }));
    const small = await startHub({ repositories, quotas: { api: 20 }, windowSeconds: 300 });
    const said = /it takes 20 in 5 min\); waiting \d+ s; 50 models take 10 min or more\n/;
    expect(await runUntilSaid(said, [...names, "--timeout", "10m"], { HF_ENDPOINT: small.endpoint })).toMatch(
      said,
    );
    await small.close();
  });

  test("that lasts longer than there is time fails at once, and says how long", async () => {
    hub.fail({ fault: "rate-limit", resetSeconds: 295, stage: "info" });
    const { report, exitCode } = await run("acme/one");
    expect(exitCode).toBe(4);
    expect(report.failures).toMatchObject([
      { code: "RATE_LIMITED", hint: "set HF_TOKEN for a higher limit, or wait for it with --timeout 6m" },
    ]);
  });

  test("is not waited for with --retries 0", async () => {
    hub.fail({ fault: "rate-limit", resetSeconds: 1, stage: "info", times: 1 });
    expect(await run("acme/one", "--retries", "0")).toMatchObject({
      exitCode: 4,
      stderr: expect.not.stringContaining("waiting"),
    });
  });
});

describe("a refused token and a Hub that hiccups", () => {
  test.each([
    ["the anonymous try", "acme/one", { fault: "status", status: 503, stage: "info" }],
    ["the question who one is", "acme/private", { fault: "rate-limit", resetSeconds: 300, stage: "whoami" }],
  ] as const)("%s: trying again may help", async (_, id, fault) => {
    hub.addRepository({ id: "acme/private", private: true, files });
    hub.fail({ ...fault, when: ({ authorization }) => fault.stage === "whoami" || authorization === null });
    const env = { HF_TOKEN: "hf_bad" };
    const { exitCode, report } = await runJson([id, "--retries", "0"], { hub, env });
    expect([exitCode, report.failures[0]?.retryable]).toEqual([4, true]);
  });
});

describe("when it is over, it is over", () => {
  test.each([
    ["the listing", "acme/absent", { fault: "stall", stage: "tree" }],
    ["the rest of the files", "acme/shards", { fault: "drip", chunkBytes: 1, pauseMs: 200, stage: "cdn" }],
  ] as const)("%s of a model that has failed is not waited for", async (_, id, fault) => {
    const shards = Object.fromEntries(
      [1, 2, 3].map((index) => [`model-0000${index}-of-00003.safetensors`, files["model.safetensors"]]),
    );
    hub.addRepository({ id: "acme/shards", files: { ...shards, "config.json": files["config.json"] } });
    hub.fail({ fault: "status", status: 404, stage: "cdn", times: 1 });
    hub.fail(fault);
    const begun = performance.now();
    const { exitCode } = await runBuilt([id], { HF_ENDPOINT: hub.endpoint });
    expect(exitCode).toBeGreaterThan(2);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

test("requests beyond a limit are few, and none is lost by it", async () => {
  const many = await startHub({
    repositories: Array.from({ length: 30 }, (_, index) => ({ id: `acme/m${index}`, files })),
  });
  many.fail({ fault: "rate-limit", resetSeconds: 1, stage: "info", times: 20 });
  const words = Array.from({ length: 30 }, (_, index) => `acme/m${index}`);
  const { report, exitCode } = await runJson(words, { hub: many });
  await many.close();
  expect([exitCode, report.models.length]).toEqual([0, 30]);
});

test("models whose requests hang hold no more than their share", async () => {
  const shards = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `model-${String(index + 1).padStart(5, "0")}-of-00060.safetensors`,
      buildSafetensors([[`model.layers.${index}.mlp.up_proj.weight`, [8, 4], "F32"]]),
    ]),
  );
  for (const id of ["acme/slow1", "acme/slow2", "acme/slow3"])
    hub.addRepository({ id, files: { ...shards, "config.json": files["config.json"] } });
  hub.fail({ fault: "stall", stage: "cdn", when: ({ path }) => path !== "", times: 180 });
  hub.addRepository({
    id: "acme/three",
    files: { "config.json": files["config.json"], "model.safetensors": { content: "" } },
  });
  const { report } = await run("acme/slow1", "acme/slow2", "acme/slow3", "acme/three", "--timeout", "2s");
  expect(report.failures.map(({ reference, code }) => [reference, code])).toContainEqual([
    "acme/three",
    "MALFORMED_WEIGHTS",
  ]);
});

describe("--timeout", () => {
  test("ends computing, too, where nothing is requested", async () => {
    const { report, exitCode } = await runJson([
      "gemma-2b",
      "--for",
      "gguf",
      "--offline",
      "--timeout",
      "1ms",
    ]);
    expect(exitCode).toBe(4);
    expect(report.failures).toMatchObject([{ code: "MODEL_TIMED_OUT" }]);
  });

  test("ends a model that takes too long, and only that one", async () => {
    hub.fail({ fault: "stall", when: ({ path }) => path.startsWith("/acme/one/resolve/") });
    const env = { HF_HUB_DOWNLOAD_TIMEOUT: "10" };
    const { report, exitCode } = await runJson(["acme/one", "acme/two", "--timeout", "1s"], { hub, env });
    expect(exitCode).toBe(4);
    expect(report.models.map(({ reference }) => reference)).toEqual(["acme/two"]);
    expect(report.failures).toMatchObject([
      {
        reference: "acme/one",
        code: "MODEL_TIMED_OUT",
        retryable: true,
        message: expect.stringMatching(/could not be measured within 1 s$/),
      },
    ]);
  });

  test("leaves no room for another try that would come too late", async () => {
    hub.fail({ fault: "status", status: 503, stage: "info" });
    const begun = performance.now();
    expect((await run("acme/one", "--timeout", "700ms")).report.failures).toMatchObject([
      { code: "HUB_FAILED" },
    ]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test.each(["0", "soon", "-1", "1d", "99999999h"])("%s is refused", async (time) => {
    expect(await runProgram(["acme/one", `--timeout=${time}`], { hub })).toMatchObject({
      exitCode: 2,
      stdout: "",
    });
  });
});

test.each(["-1", "many", "1000"])("--retries %s is refused", async (retries) => {
  expect((await runProgram(["acme/one", `--retries=${retries}`], { hub })).exitCode).toBe(2);
});

test("an address of the CDN that ran out between two ranges is asked for anew", async () => {
  const wide = buildSafetensors(
    Array.from({ length: 1800 }, (_, index) => [`model.layers.${index}.mlp.up_proj.weight`, [8, 4], "F32"]),
  );
  hub.addRepository({ id: "acme/wide", files: { ...files, "model.safetensors": wide } });
  hub.fail({
    fault: "status",
    status: 403,
    stage: "cdn",
    times: 1,
    when: ({ range }) => !range?.startsWith("bytes=0-"),
  });
  const { report, exitCode } = await run("acme/wide");
  expect(exitCode).toBe(0);
  expect(report.models[0]?.parameters.total).toBe(1800 * 32);
  const ranges = hub.requests
    .filter(({ origin }) => origin === "cdn")
    .map(({ range, status }) => [range?.split("-")[0], status]);
  expect(ranges).toEqual([
    ["bytes=0", 206],
    ["bytes=100000", 403],
    ["bytes=100000", 206],
  ]);
});

test("--debug says what was tried again, and why", async () => {
  hub.fail({ fault: "reset", stage: "info", times: 1, when: ({ path }) => path.includes("acme/one") });
  const { stderr, stdout } = await runProgram(["acme/one", "acme/none", "--debug", "--json"], { hub });
  expect(stderr).toMatch(/debug: 127\.0\.0\.1:\d+ cannot be reached \(ECONNRESET\); again in \d+ ms/);
  expect(JSON.parse(stdout)).toMatchObject({ models: [{ reference: "acme/one" }] });
});

test("on a terminal, what is said does not run into the progress", async () => {
  hub.fail({ fault: "rate-limit", resetSeconds: 1, stage: "info", times: 1 });
  const { stderr } = await runProgram(["acme/one"], { hub, terminal: 80 });
  expect(stderr).toMatch(/^asking the Hub …/);
  expect(stderr).toContain("\u001b[2Knote: 127.0.0.1");
});
