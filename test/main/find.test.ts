/** `llm-size find`, and gates on what it finds, against a Hub with 200 quantizations of one model. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findReportSchema } from "../../src/contract/find.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import type { Repository } from "../hub/repository.ts";
import { runProgram } from "../program.ts";
import { PUBLISHED_SIZES } from "../quant/fixtures.ts";

const BASE = "meta-llama/Llama-3.2-1B-Instruct";
const NAME = "Llama-3.2-1B-Instruct";

/** A repository whose card names the model: files of these bytes. */
function derive(
  id: string,
  downloads: number,
  files: Readonly<Record<string, number>>,
  more: { readonly tags?: readonly string[]; readonly library?: string; readonly parameters?: number } = {},
): Repository {
  const { tags = [], library = "gguf", parameters = 1_235_814_432 } = more;
  const gguf = {
    total: parameters,
    architecture: "llama",
    context_length: 131_072,
    chat_template: "{{ messages }}",
  };
  return {
    id,
    files: Object.fromEntries(
      Object.entries(files).map(([path, size]) => [path, { head: new Uint8Array(), size }]),
    ),
    info: {
      downloads,
      library_name: library,
      tags: [library, `base_model:${BASE}`, `base_model:quantized:${BASE}`, ...tags],
      ...(library === "gguf" && { gguf }),
    },
  };
}

/** Real files of bartowski, with their exact bytes. */
const exact = PUBLISHED_SIZES.filter(
  ({ base, published, rounded }) => base === BASE && published === "llama-3.2-1b (bartowski)" && !rounded,
);
const bartowski = Object.fromEntries(
  exact.map(({ scheme, bytes }) => [
    `${NAME}-${scheme.replace("GGUF ", "").replace("F16", "f16")}.gguf`,
    bytes,
  ]),
);

const hub200: readonly Repository[] = [
  derive(`bartowski/${NAME}-GGUF`, 90_000, { ...bartowski, [`${NAME}.imatrix`]: 1_300_000 }),
  derive(`hugging-quants/${NAME}-Q8_0-GGUF`, 80_000, { "llama-3.2-1b-instruct-q8_0.gguf": 1_321_079_200 }),
  derive(
    `mlx-community/${NAME}-4bit`,
    20_000,
    { "model.safetensors": 695_283_921 },
    { library: "mlx", tags: ["4-bit"] },
  ),
  derive(
    "lurker18/Llama_3.2_1B_Instruct_AWQ_4bit",
    900,
    { "model.safetensors": 1_560_000_000 },
    { library: "transformers", tags: ["awq", "4-bit"] },
  ),
  derive(
    `neuralmagic/${NAME}-FP8`,
    7_000,
    { "model.safetensors": 2_020_000_000 },
    { library: "transformers" },
  ),
  // A card that names this model, and files of another one.
  derive(
    "stranger/Some-8B-GGUF",
    60_000,
    { "some-8b-Q2_K.gguf": 3_179_131_776 },
    { parameters: 8_030_261_248 },
  ),
  derive(
    "merger/Two-In-One-GGUF",
    50_000,
    { "two-Q2_K.gguf": 580_000_000 },
    { tags: ["base_model:quantized:other/model"] },
  ),
  derive("quiet/Something", 40_000, { "model.safetensors": 1_000_000_000 }, { library: "transformers" }),
  // The only Q3_K_M has the bytes of Q8_0, and the most downloaded Q5_K_S is cut.
  derive("mislabel/llama-Q3_K_M-GGUF", 500, { "llama-Q3_K_M.gguf": 1_321_083_008 }),
  ...Array.from({ length: 191 }, (_, index) =>
    derive(`user${index}/${NAME}-Q4_K_M-GGUF`, 400 - index, { "llama-Q4_K_M.gguf": 807_690_656 }),
  ),
];

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      serveRealModel(realModel(BASE)),
      ...hub200,
      { id: "alone/model", files: serveRealModel(realModel(BASE)).files },
    ],
  });
});
afterAll(() => hub.close());
beforeEach(() => hub.clearLog());

async function find(...words: string[]) {
  const run = await runProgram(["find", ...words, "--json"], { hub });
  return { ...run, report: findReportSchema.strict().parse(JSON.parse(run.stdout)) };
}

const namesOf = (published: readonly { readonly quantization: string }[]) =>
  published.map(({ quantization }) => quantization);

test("200 quantizations are a row each per quantization, with real bytes, in at most 12 requests", async () => {
  const { report, exitCode } = await find(BASE);
  expect(hub.requests.length).toBeLessThanOrEqual(12);
  expect(hub.requests.filter(({ path }) => path === "/api/models")).toHaveLength(1);
  expect(exitCode).toBe(0);
  const rows = new Map(report.published.map((row) => [row.quantization, row]));
  for (const { scheme, bytes } of exact) {
    const row = rows.get(scheme.replace("GGUF ", "gguf:"));
    expect(row).toMatchObject({
      bytes,
      id: `bartowski/${NAME}-GGUF`,
      publisher: "bartowski",
      downloads: 90_000,
      doubt: null,
    });
    expect(Math.abs(row?.difference ?? 1)).toBeLessThan(0.001);
  }
  expect(rows.get("mlx:4bit")).toMatchObject({ format: "safetensors", bytes: 695_283_921, doubt: null });
  expect(rows.get("awq:4bit-g128")).toMatchObject({ publisher: "lurker18" });
  expect(rows.get("ct:w8a8-fp8")).toMatchObject({ publisher: "neuralmagic" });
  expect(rows.get("gguf:Q3_K_M")).toMatchObject({ doubt: expect.stringMatching(/^\+64 % .* mislabelled$/) });
  expect([...rows.keys()]).not.toContain("gguf:Q2_K");
  expect(report.leftOut.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
    "stranger/Some-8B-GGUF: its GGUF file has 8030261248 parameters, and this model 1235814400",
    "merger/Two-In-One-GGUF: its card names 2 models as what it quantizes",
    "quiet/Something: nothing in its names and tags says how it is quantized",
  ]);
  expect(report).toMatchObject({ listed: 100, isListCut: true, hidden: 0, unread: 0 });
});

test.each([
  [["--for", "mlx"], ["mlx:4bit"]],
  [
    ["--max-size", "700MB"],
    ["gguf:IQ3_M", "mlx:4bit"],
  ],
  [
    ["--for", "gguf", "--max-size", "750MB"],
    ["gguf:IQ4_XS", "gguf:Q3_K_L", "gguf:IQ3_M"],
  ],
  [["--for", "awq", "--limit", "1"], ["awq:4bit-g128"]],
])("%j leaves %j", async (words, names) => {
  const { report } = await find(BASE, ...words);
  expect(namesOf(report.published)).toEqual(names);
});

test("--fits keeps what fits on a device, and --limit the most downloaded", async () => {
  const { report } = await find(BASE, "--fits", "wasm32", "--limit", "3");
  expect(report.published).toHaveLength(3);
  expect(report.published.every(({ fit, id }) => fit !== "exceeds" && id.startsWith("bartowski/"))).toBe(
    true,
  );
  expect(report.unread).toBeGreaterThan(3);
  expect((await runProgram(["find", BASE, "--fits", "no-such-phone"], { hub })).exitCode).toBe(2);
});

test("text and Markdown say what is in doubt and what is left out", async () => {
  const text = await runProgram(["find", BASE], { hub });
  expect(text.stdout).toMatch(/quantizations by others, in 100 repositories and more/);
  expect(text.stdout).toMatch(/gguf:Q4_K_M +0\.808 +0\.0 % +90K +bartowski\n/);
  expect(text.stdout).toMatch(
    /Repositories\n {2}bartowski\/Llama-3.2-1B-Instruct-GGUF\n.*In doubt.*gguf:Q3_K_M of mislabel.*Left out.*stranger\/Some-8B-GGUF/s,
  );
  const { stdout } = await runProgram(["find", BASE, "--format", "markdown"], { hub });
  expect(stdout).toMatch(/\| gguf:Q4\\?_K\\?_M \|/);
});

test("where the Hub limits the rate of requests, the listing is waited for, and asked for once more", async () => {
  const words = [BASE, "--for", "mlx"];
  const { report: before } = await find(...words);
  hub.clearLog();
  hub.fail({
    fault: "rate-limit",
    resetSeconds: 1,
    when: ({ path }) => path === "/api/models",
    times: 1,
  });
  const { report, exitCode, stderr } = await find(...words);
  hub.clearFaults();
  expect(exitCode).toBe(0);
  expect(report).toEqual(before);
  expect(stderr).toMatch(/limits the rate of requests.*waiting \d s/);
  expect(hub.requests.filter(({ path }) => path === "/api/models")).toHaveLength(2);
});

test("a model that nobody has quantized has no rows, and one that is not of the Hub is refused", async () => {
  expect((await find("alone/model")).report).toMatchObject({ published: [], listed: 0, failures: [] });
  const local = await find("./fixtures/checkpoints/llama");
  expect(local.report.failures).toMatchObject([{ code: "NOT_ON_HUB" }]);
  expect(local.exitCode).toBe(3);
  expect((await find("no/such-model")).exitCode).toBe(3);
});

test.each([
  ["Q4_K_M", "850MB", 0, 807_694_464],
  ["Q4_K_M", "800MB", 1, 807_694_464],
  ["mlx:4bit", "700MB", 0, 695_283_921],
  ["Q3_K_M", "2GB", 3, null], // mislabelled
  ["Q2_K", "2GB", 3, null], // only strangers have it
  ["int4", "2GB", 3, null], // nobody publishes levels
])("check --quant %s --published --max-size %s exits with %i", async (quant, limit, exitCode, actual) => {
  const words = ["check", BASE, "--quant", quant, "--published", "--max-size", limit];
  const run = await runProgram([...words, "--json"], { hub });
  expect(run.exitCode).toBe(exitCode);
  expect(JSON.parse(run.stdout)).toMatchObject({ verdicts: [{ actual }] });
  expect(hub.requests.length).toBeLessThanOrEqual(12);
});
