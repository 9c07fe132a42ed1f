import { afterAll, beforeAll, expect, test } from "vitest";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runProgram } from "../program.ts";

let hub: StandInHub;
beforeAll(async () => {
  const ids = ["Qwen/Qwen3-0.6B", "openai-community/gpt2", "openai/gpt-oss-20b", "google/gemma-2b-it"];
  hub = await startHub({
    repositories: ids.map((id) => serveRealModel(realModel(id), { otherFiles: true })),
  });
});
afterAll(() => hub.close());

async function explain(id: string) {
  const { stdout, exitCode } = await runProgram(["explain", id, "--json"], { hub });
  expect(exitCode).toBe(0);
  return explanationSchema.parse(JSON.parse(stdout));
}

test("a tied head that is stored: why the Hub says 751,632,384", async () => {
  const { tensors, hub: hubCount } = await explain("Qwen/Qwen3-0.6B");
  expect(tensors?.notCounted).toMatchObject([{ reason: "tied", tensors: 1, elements: 155_582_464 }]);
  expect(hubCount).toEqual({
    total: 751_632_384,
    difference: 155_582_464,
    reason: "the Hub also counts the copy of a tied weight (155582464)",
  });
});

test("causal masks: why the Hub says 137,022,720 for gpt2", async () => {
  const { tensors, hub: hubCount, files } = await explain("openai-community/gpt2");
  expect(tensors?.notCounted).toMatchObject([{ reason: "buffer", tensors: 12, example: "h.0.attn.bias" }]);
  expect(hubCount).toMatchObject({ total: 137_022_720, difference: 12_582_912 });
  const reasons = Object.fromEntries(files.notUsed.map(({ path, reason }) => [path, reason]));
  expect(reasons["pytorch_model.bin"]).toBe("the weights as PyTorch");
  expect(reasons["onnx/decoder_model.onnx"]).toBe("the weights as ONNX");
  expect(reasons["config.json"]).toBe("config");
});

test("what was unpacked, and the Hub's same count", async () => {
  const { tensors, hub: hubCount, model } = await explain("openai/gpt-oss-20b");
  expect(tensors?.unpacked).toMatchObject([{ tensors: 48, parameters: 19_110_297_600 }]);
  expect(hubCount).toEqual({ total: 20_914_757_184, difference: 0, reason: null });
  expect(model?.published?.alternatives.map(({ format }) => format)).toEqual(["pytorch"]);
});

test("text says all of it within 80 columns", async () => {
  const { stdout } = await runProgram(["explain", "openai-community/gpt2"], { hub });
  for (const part of [
    "124,439,808",
    "Parameters by role",
    "Not counted",
    "Files used",
    "Other files",
    "The Hub's count",
  ])
    expect(stdout).toContain(part);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("markdown has a heading a part", async () => {
  const { stdout } = await runProgram(["explain", "google/gemma-2b-it", "--format", "markdown"], { hub });
  expect(stdout).toMatch(/^### google\/gemma-2b-it\n/);
  expect(stdout).toContain("| embedding | 524,288,000 |");
});

test("a model that cannot be explained: one JSON document, the failure in it", async () => {
  const { stdout, exitCode } = await runProgram(["explain", "acme/none", "--json"], { hub });
  expect(exitCode).toBe(3);
  expect(explanationSchema.parse(JSON.parse(stdout))).toMatchObject({
    model: null,
    failures: [{ code: "MODEL_NOT_FOUND" }],
  });
});

test("csv is refused before anything is asked", async () => {
  expect((await runProgram(["explain", "acme/none", "--format", "csv"])).exitCode).toBe(2);
});
