import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const config = { content: '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' };
const model = (rows: number) => ({
  "config.json": config,
  "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [rows, 4], "F32"]]),
});
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
        info: { downloads: 900 },
      },
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
  expect(stderr).toBe("note: tiny resolved to acme/tiny, the most downloaded of 2 of that name\n");
});

test("a renamed repository is measured under its new name, and says so", async () => {
  const { report, stderr } = await runJson(["acme/tiny-old-name"], { hub });
  expect(report.models).toMatchObject([{ id: "acme/tiny" }]);
  expect(stderr).toBe("note: acme/tiny-old-name is now acme/tiny\n");
});

test("several equally good are listed", async () => {
  const { report, exitCode } = await runJson(["twin"], { hub });
  expect(report.failures).toMatchObject([
    { code: "MODEL_AMBIGUOUS", message: "twin is ambiguous: a/twin, b/twin" },
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

test("several models come in the order typed", async () => {
  const ids = ["other/tiny", "acme/tiny", "./fixtures/checkpoints/llama", "acme/tiny@dev"];
  const { report } = await runJson(ids, { hub });
  expect(report.models.map(({ reference }) => reference)).toEqual(ids);
});
