import { expect, test } from "vitest";
import { countElements } from "../../src/format/tensor.ts";
import { findCatalogModel, listCatalog } from "../../src/source/catalog/catalog.ts";
import type { Fetch } from "../../src/source/hub/fetch.ts";
import { runJson, runProgram } from "../program.ts";

test("without a network the catalog answers, and says so", async () => {
  const { report, exitCode, stderr } = await runJson(["gemma-2b", "distilbert"]);
  expect(exitCode).toBe(0);
  expect(report.models).toMatchObject([
    {
      id: "google/gemma-2b",
      source: "catalog",
      evidence: "headers",
      revision: null,
      parameters: { total: 2_506_172_416 },
    },
    { id: "distilbert/distilbert-base-uncased", source: "catalog", parameters: { total: 66_985_530 } },
  ]);
  expect(stderr).toMatch(
    /^note: google\/gemma-2b, distilbert\/.*cannot be reached \(ENOTFOUND\); figures from the built-in catalog\n/,
  );
});

test("every model of the catalog is measured exactly", async () => {
  // The catalog's own test compares them with what was recorded.
  const all = listCatalog().map((model) => ({
    ...model,
    tensors: findCatalogModel(model.id)?.tensors ?? [],
  }));
  // Larger ones take seconds, and have the same names.
  const models = all.filter(({ tensors }) => tensors.length < 10_000);
  const { report } = await runJson([...models.map(({ id }) => id), "--offline"]);
  expect(report.models.map(({ id, parameters }) => [id, parameters.total, parameters.stored])).toEqual(
    models.map(({ id, parameters, tensors }) => [
      id,
      parameters,
      tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? Number.NaN), 0),
    ]),
  );
});

test("published bytes are real file sizes where they are known, else computed from the tensors", async () => {
  const { report } = await runJson(["gemma-2b-it", "gemma-7b", "--offline"]);
  expect(report.models.map(({ published }) => published)).toMatchObject([
    { basis: "published", bytes: 5_012_363_872, repositoryBytes: null },
    { basis: "computed", bytes: 17_075_361_792, files: [] },
  ]);
});

const never: Fetch = () => {
  throw new Error("the network was used");
};

test("--offline and HF_HUB_OFFLINE open no socket", async () => {
  expect((await runProgram(["gemma-2b", "--offline"], { fetch: never })).exitCode).toBe(0);
  expect((await runProgram(["gemma-2b"], { fetch: never, env: { HF_HUB_OFFLINE: "1" } })).exitCode).toBe(0);
  const { report, exitCode } = await runJson(["acme/unknown", "--offline"], { fetch: never });
  expect(report.failures).toMatchObject([{ code: "NOT_AVAILABLE_OFFLINE" }]);
  expect(exitCode).toBe(3);
});

test("a revision is never taken from the catalog", async () => {
  const { report, exitCode } = await runJson(["google/gemma-2b@abc1234"]);
  expect(report.failures).toMatchObject([{ code: "HUB_UNREACHABLE", retryable: true }]);
  expect(exitCode).toBe(4);
});

test("list shows what is built in", async () => {
  const { stdout, exitCode } = await runProgram(["list"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^google\/gemma-2b +2\.51B +gemma-2b$/m);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  const json: unknown = JSON.parse((await runProgram(["list", "--json"])).stdout);
  expect(json).toMatchObject({
    schemaVersion: 1,
    models: expect.arrayContaining([expect.objectContaining({ id: "google/gemma-2b" })]),
  });
  expect((await runProgram(["--json", "list"])).stdout).toBe((await runProgram(["list", "--json"])).stdout);
});
