import { afterEach, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runJson, runProgram } from "../program.ts";

let hub: StandInHub;
afterEach(() => hub.close());

const gemma = { ...serveRealModel(realModel("google/gemma-2b-it")), gated: "manual" as const };
const gated = (id: string) => ({ ...gemma, id });

async function start(
  ...repositories: Parameters<typeof startHub>[0] extends infer _ ? (typeof gemma)[] : never
) {
  hub = await startHub({ repositories });
}

test("a gated model of the catalog is measured exactly, with the Hub's file sizes", async () => {
  await start(gemma);
  const { report, exitCode, stderr } = await runJson(["google/gemma-2b-it"], { hub });
  expect(exitCode).toBe(0);
  expect(report.models[0]).toMatchObject({
    source: "catalog",
    evidence: "headers",
    revision: expect.stringMatching(/^[0-9a-f]{40}$/),
    parameters: { total: 2_506_172_416 },
    published: { bytes: 5_012_363_872, basis: "published" },
  });
  expect(stderr).toMatch(/^note: google\/gemma-2b-it.* is gated; .* set HF_TOKEN; .*\n$/);
});

test.each([
  ["1.8B", "exceeded"],
  ["2.4B", "unknown"],
  ["2.6B", "passed"],
])("the Hub's summary may count a tied head twice: at most %s is %s", async (limit, outcome) => {
  await start(gated("acme/secret"));
  const { report } = await runJson(["check", "acme/secret", "--max-params", limit], { hub });
  expect(report.verdicts).toMatchObject([{ actual: 2_506_172_416, outcome }]);
});

test("another gated model is known by the Hub's summary, and one line says how to get better", async () => {
  await start(gated("acme/secret-2b"));
  const { report, exitCode, stderr } = await runJson(["acme/secret-2b"], { hub });
  expect(exitCode).toBe(0);
  expect(report.models[0]).toMatchObject({
    source: "hub",
    evidence: "summary",
    parameters: { total: 2_506_172_416, active: null, byRole: null },
    sizeClass: { label: "2B" },
    published: { bytes: 5_012_363_872 },
    sizes: [{ basis: "predicted" }, { basis: "predicted" }, { basis: "predicted" }, { basis: "predicted" }],
  });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("what comes from the summary is printed with ~", async () => {
  await start(gated("acme/secret-2b"));
  const { stdout } = await runProgram(["acme/secret-2b", "--quant", "int4"], { hub });
  expect(stdout).toMatch(/acme\/secret-2b +~2\.51 +2B +5\.01 +~1\.41/);
});

test("a catalog model that has changed on the Hub is not measured from the catalog", async () => {
  const changed = { parameters: { BF16: 2_506_000_000 }, total: 2_506_000_000 };
  await start({ ...gemma, info: { ...gemma.info, safetensors: changed } });
  const { report } = await runJson(["google/gemma-2b-it"], { hub });
  expect(report.models[0]).toMatchObject({ evidence: "summary", parameters: { total: 2_506_000_000 } });
  expect(report.models[0]?.notes.map(({ code }) => code)).toContain("CATALOG_DIFFERS");
});

test("a self-reported total that the files belie is no number", async () => {
  const claimed = { parameters: { BF16: 333_312 }, total: 333_312 };
  await start({ ...gated("acme/liar-2b"), info: { safetensors: claimed } });
  const { report } = await runJson(["acme/liar-2b"], { hub });
  expect(report.models[0]).toMatchObject({ parameters: { total: null, stored: 333_312 }, sizeClass: null });
  expect(report.models[0]?.notes.map(({ code }) => code)).toContain("SUMMARY_DOUBTFUL");
});

test("an approved token reads the headers", async () => {
  await start(gated("acme/secret-2b"));
  const { report, stderr } = await runJson(["acme/secret-2b"], { hub, env: { HF_TOKEN: "hf_valid" } });
  expect(report.models[0]).toMatchObject({ source: "hub", evidence: "headers" });
  expect(stderr).toBe("");
});

test("a token without access says where to ask for it", async () => {
  await start(gated("acme/secret-2b"));
  const { stderr } = await runJson(["acme/secret-2b"], { hub, env: { HF_TOKEN: "hf_noaccess" } });
  expect(stderr).toContain(`the token cannot access it; request access at ${hub.endpoint}/acme/secret-2b`);
});

test("gated without any summary cannot be measured", async () => {
  await start({ ...gated("acme/secret-2b"), info: {} });
  const { report, exitCode } = await runJson(["acme/secret-2b"], { hub });
  expect(exitCode).toBe(3);
  expect(report.failures).toMatchObject([{ code: "MODEL_GATED", retryable: false }]);
});

test("diff reports no change where only the kind of evidence differs", async () => {
  await start(gemma);
  const diff = ["diff", "google/gemma-2b-it", "google/gemma-2b-it@main"];
  const { stdout, exitCode } = await runProgram(diff, { hub });
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    "google/gemma-2b-it@main: nothing has changed\n" +
      "  not compared int8, int4: measured differently before and after\n",
  );
  const json = await runProgram([...diff, "--json"], { hub });
  expect(JSON.parse(json.stdout)).toMatchObject({
    changes: [{ revision: null, figures: [], files: [], notCompared: ["int8", "int4"] }],
  });
});

test("a gated model without a summary passes by the bytes of its files, and never by its parameters", async () => {
  const files = { "config.json": { content: "{}" }, "pytorch_model.bin": { content: "x".repeat(3000) } };
  hub = await startHub({ repositories: [{ id: "acme/bin", gated: "manual", files, info: {} }] });
  const check = (...args: string[]) => runProgram(["check", "acme/bin", ...args], { hub });
  expect(await check("--max-published", "3000B")).toMatchObject({ exitCode: 0 });
  expect(await check("--max-published", "2999B")).toMatchObject({ exitCode: 1 });
  expect(await check("--max-params", "1T")).toMatchObject({ exitCode: 3 });
});

test("the catalog does not answer for files of another size", async () => {
  const name = "model-00001-of-00002.safetensors";
  expect(Object.keys(gemma.files)).toContain(name);
  const files = { ...gemma.files, [name]: { head: new Uint8Array(), size: 9e9 } };
  await start({ ...gemma, files });
  const { report } = await runJson(["google/gemma-2b-it"], { hub });
  expect(report.models[0]).toMatchObject({ source: "hub", evidence: "summary" });
});
