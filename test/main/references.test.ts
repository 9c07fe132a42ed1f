import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeGguf } from "../format/gguf/gguf-file.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const config = { content: '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' };
const model = (rows: number) => ({
  "config.json": config,
  "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [rows, 4], "F32"]]),
});
const made = writeGguf({
  metadata: { "general.architecture": "llama" },
  tensors: [{ name: "token_embd.weight", shape: [2, 32], type: "Q8_0" }],
});
const quantized = { head: made.header, size: made.bytes };
const OLD = "0123456789abcdef0123456789abcdef01234567";

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      {
        id: "acme/tiny",
        aliases: ["acme/tiny-old-name"],
        files: model(8),
        refs: { "refs/pr/1": OLD, dev: OLD },
        revisions: { [OLD]: { files: model(2) } },
        info: { downloads: 90_000 },
      },
      { id: "acme/tiny-GGUF", files: { "tiny.Q8_0.gguf": quantized, "tiny.Q4_K_M.gguf": quantized } },
      { id: "other/tiny", files: model(1), info: { downloads: 20 } },
      { id: "acme/tiny-instruct", files: model(1), info: { downloads: 90_000 } },
      { id: "a/twin", files: model(1), info: { downloads: 5 } },
      { id: "b/twin", files: model(1), info: { downloads: 5 } },
      { id: "google-t5/t5-small", aliases: ["t5-small"], files: model(3), info: { downloads: 7 } },
    ],
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
afterAll(() => hub.close());

test.each([
  ["acme/tiny", "acme/tiny", 32],
  ["acme/tiny@main", "acme/tiny", 32],
  ["acme/tiny@refs/pr/1", "acme/tiny", 8],
  ["acme/tiny@dev", "acme/tiny", 8],
  [`acme/tiny@${OLD}`, "acme/tiny", 8],
  [`acme/tiny@${OLD.slice(0, 7)}`, "acme/tiny", 8],
  ["hf://acme/tiny@dev", "acme/tiny", 8],
  ["https://huggingface.co/acme/tiny", "acme/tiny", 32],
  ["https://huggingface.co/acme/tiny/tree/dev", "acme/tiny", 8],
  ["https://huggingface.co/acme/tiny/tree/refs%2Fpr%2F1", "acme/tiny", 8],
  ["huggingface.co/acme/tiny/blob/dev/model.safetensors", "acme/tiny", 8],
  ["ACME/Tiny", "acme/tiny", 32],
  ["tiny", "acme/tiny", 32],
  ["t5-small", "google-t5/t5-small", 12],
  ["./fixtures/checkpoints/llama", "./fixtures/checkpoints/llama", 26_784],
  ["fixtures/checkpoints/llama/", "fixtures/checkpoints/llama/", 26_784],
  [
    "fixtures/checkpoints/llama-tied/model.safetensors",
    "fixtures/checkpoints/llama-tied/model.safetensors",
    22_688,
  ],
])("%s is %s with %i parameters", async (reference, id, total) => {
  const { report } = await runJson([reference], { hub });
  expect(report.models).toMatchObject([{ reference, id, parameters: { total } }]);
});

test("--revision is for the references without one", async () => {
  const { report } = await runJson(["acme/tiny", "acme/tiny@main", "--revision", "dev"], { hub });
  expect(report.models.map(({ parameters, revision }) => [parameters.total, revision])).toEqual([
    [8, OLD],
    [32, expect.any(String)],
  ]);
});

test("a bare name means the most downloaded repository of exactly that name, and says so", async () => {
  const { stderr } = await runProgram(["tiny"], { hub });
  expect(stderr).toBe("note: tiny resolved to acme/tiny, by far the most downloaded of 2 of that name\n");
});

test("a renamed repository is measured under its new name, and says so", async () => {
  const { report, stderr } = await runJson(["acme/tiny-old-name"], { hub });
  expect(report.models).toMatchObject([{ id: "acme/tiny" }]);
  expect(stderr).toBe("note: acme/tiny-old-name is now acme/tiny\n");
});

test("several equally good are listed", async () => {
  const { report, exitCode } = await runJson(["twin"], { hub });
  expect(report.failures).toMatchObject([
    {
      code: "MODEL_AMBIGUOUS",
      message:
        "twin is not a full name; it may mean a/twin (5 downloads per month), b/twin (5 downloads per month)",
    },
  ]);
  expect(exitCode).toBe(3);
});

test("a name that is only part of others is not found, and they are named", async () => {
  const { report } = await runJson(["tin"], { hub });
  expect(report.failures).toMatchObject([
    { code: "MODEL_NOT_FOUND", hint: expect.stringContaining("acme/tiny") },
  ]);
});

test("a folder of the name that was typed wins, as in transformers, and says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-size-folder-"));
  const before = process.cwd();
  mkdirSync(join(folder, "acme"));
  symlinkSync(join(before, "fixtures/checkpoints/llama"), join(folder, "acme/tiny"));
  process.chdir(folder);
  try {
    const { report, stderr } = await runJson(["acme/tiny"], { hub });
    expect(report.models).toMatchObject([{ source: "local", parameters: { total: 26_784 } }]);
    expect(stderr).toBe("note: acme/tiny is read from the folder of that name\n");
  } finally {
    process.chdir(before);
  }
});

test("a gate refuses a name that only a search finds, and a full name passes", async () => {
  const check = async (name: string) => {
    const { report, exitCode } = await runJson(["check", name, "--max-size", "100GB"], { hub });
    return [exitCode, report.passed, ...report.failures.map(({ code, hint }) => `${code}: ${hint}`)];
  };
  expect(await check("tiny")).toEqual([3, false, "MODEL_AMBIGUOUS: use the full name, as in acme/tiny"]);
  expect(await check("t5-small")).toEqual([0, true]);
  expect(await check("acme/tiny")).toEqual([0, true]);
});

test("a gate refuses a name that a search found in an earlier run", async () => {
  const env = { LLM_SIZE_CACHE: mkdtempSync(join(tmpdir(), "llm-size-cache-")) };
  await runJson(["tiny"], { hub, env });
  const { report } = await runJson(["check", "tiny", "--max-size", "100GB", "--offline"], { hub, env });
  expect(report).toMatchObject({ passed: false, failures: [{ code: "MODEL_AMBIGUOUS" }] });
});

test("ids that are in one table twice show what differs", async () => {
  const rows = async (...words: string[]) => {
    const { stdout } = await runProgram([...words, "--format", "markdown"], { hub });
    return [...stdout.matchAll(/^\| (\S*acme\S*)/gm)].map(([, name]) => name);
  };
  const file = "https://huggingface.co/acme/tiny/blob/dev/model.safetensors";
  expect(await rows("acme/tiny", "acme/tiny@dev", "other/tiny")).toEqual(["acme/tiny", "acme/tiny@dev"]);
  expect(await rows("acme/tiny@dev", file)).toEqual(["acme/tiny", "acme/tiny/model.safetensors"]);
  expect(await rows("acme/tiny", file)).toEqual(["acme/tiny", "acme/tiny@dev/model.safetensors"]);
  expect(await rows("acme/tiny@dev", "other/tiny")).toEqual(["acme/tiny"]);
});

test.each([
  [["acme/tiny-GGUF:q8_0"], ["gguf:Q8_0"]],
  [["https://huggingface.co/acme/tiny-GGUF/blob/main/tiny.Q4_K_M.gguf"], ["gguf:Q4_K_M"]],
  [
    ["acme/tiny-GGUF:Q8_0", "acme/tiny-GGUF:Q4_K_M"],
    ["gguf:Q8_0", "gguf:Q4_K_M"],
  ],
  [
    ["acme/tiny", "acme/tiny-GGUF:Q8_0"],
    ["fp32", "fp16", "int8", "int4", "gguf:Q8_0"],
  ],
  [["acme/tiny-GGUF"], ["fp32", "fp16", "int8", "int4"]],
  [["acme/tiny-GGUF:Q8_0", "--quant", "int4"], ["int4"]],
])("without --quant, %j is shown at %j", async (words, names) => {
  const { report } = await runJson(words, { hub });
  for (const { sizes } of report.models) expect(sizes.map(({ quantization }) => quantization)).toEqual(names);
});

test("several models come in the order typed", async () => {
  const ids = ["other/tiny", "acme/tiny", "./fixtures/checkpoints/llama", "acme/tiny@dev"];
  const { report } = await runJson(ids, { hub });
  expect(report.models.map(({ reference }) => reference)).toEqual(ids);
});
