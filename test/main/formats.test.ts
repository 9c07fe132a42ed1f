import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceOf } from "../cases/bytes.ts";
import { onnxFile } from "../cases/made-files.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runJson, runProgram } from "../program.ts";

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel("Qwen/Qwen2.5-0.5B-Instruct"))] });
});
afterAll(() => hub.close());

describe("sizes of real formats", () => {
  test("Gemma 2B int4 for MediaPipe is 1.35 GB: 1,346,502,656 bytes are published", async () => {
    const { report } = await runJson(["gemma-2b-it", "--offline", "--quant", "mediapipe:int4"]);
    const bytes = report.models[0]?.sizes[0]?.bytes ?? 0;
    expect(Math.abs(bytes / 1_346_502_656 - 1)).toBeLessThan(0.001);
  });

  test("DistilBERT SST-2 q8 for transformers.js is 67 MB", async () => {
    const { report } = await runJson(["distilbert-sst2", "--offline", "--quant", "onnx:q8"]);
    expect(Math.round((report.models[0]?.sizes[0]?.bytes ?? 0) / 1e6)).toBe(67);
  });

  test("a bare name is enough where one family has it; else the families are named", async () => {
    const { report } = await runJson(["gemma-2b", "--offline", "--quant", "q4f16,q4f16_1"]);
    expect(report.models[0]?.sizes.map(({ quantization }) => quantization)).toEqual([
      "onnx:q4f16",
      "mlc:q4f16_1",
    ]);
    const { stderr, exitCode } = await runProgram(["gemma-2b", "--offline", "--quant", "4bit-g128"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'ambiguous quantization "4bit-g128": mlx:4bit-g128, gptq:4bit-g128, awq:4bit-g128',
    );
  });

  test("what has no rule says why", async () => {
    const { report } = await runJson(["bert", "--offline", "--quant", "mlc:q4f16_1"]);
    expect(report.models[0]?.sizes).toMatchObject([{ bytes: null, basis: null, reason: expect.any(String) }]);
  });

  test("--for lists one model's sizes with their error bands", async () => {
    const { stdout } = await runProgram(["gemma-2b", "--offline", "--for", "transformers.js"]);
    expect(stdout).toMatch(/^google\/gemma-2b\n2\.51B parameters, class 2B, 5\.01 GB on the Hub\n\n/);
    expect(stdout).toMatch(/^q4f16 +~1\.42–2\.46 +6\.92 +predicted, ±\d/m);
  });

  test("what is fetched beside the weights is a figure of its own", async () => {
    const { report } = await runJson(["Qwen/Qwen2.5-0.5B-Instruct", "--quant", "onnx:q8,gguf:Q8_0,int8"], {
      hub,
    });
    const [model] = report.models;
    expect(model?.companions?.tokenizer.files.map(({ path }) => path)).toEqual([
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const beside = (model?.companions?.tokenizer.bytes ?? 0) + (model?.companions?.config.bytes ?? 0);
    expect(beside).toBeGreaterThan(9_085_657);
    expect(model?.sizes.map(({ companionBytes }) => companionBytes)).toEqual([beside, 0, null]);
  });
});

test("a graph in onnx/ has the config of the root, and stores its tied head again", async () => {
  const config = { architectures: ["LlamaForCausalLM"], model_type: "llama", tie_word_embeddings: true };
  const tensors = [
    ["model.embed_tokens.weight", [4000, 100], "F32"],
    ["lm_head.weight", [4000, 100], "F32"],
    ["q_proj.weight", [100, 100], "F32"],
  ] as const;
  hub.addRepository({
    id: "acme/tied-graph",
    files: {
      "config.json": { content: JSON.stringify(config) },
      "onnx/model.onnx": { source: sourceOf(onnxFile(tensors)) },
    },
  });
  const { report } = await runJson(["acme/tied-graph"], { hub });
  expect(report.models).toMatchObject([
    {
      architecture: "LlamaForCausalLM",
      parameters: { total: 410_000 },
      notes: [{ code: "TIED_HEAD_STORED" }],
    },
  ]);
});

describe("what transformers.js would fetch", () => {
  const zeros = (size: number) => ({ head: new Uint8Array(), size });
  beforeAll(() => {
    hub.addRepository({
      id: "acme/onnx",
      files: {
        "config.json": {
          content: JSON.stringify({ model_type: "llama", architectures: ["LlamaForCausalLM"] }),
        },
        "onnx/model.onnx": zeros(1_000),
        "onnx/model.onnx_data": zeros(900_000),
        "onnx/model_quantized.onnx": zeros(230_000),
        "onnx/model_q4f16.onnx": zeros(150_000),
        "tokenizer.json": zeros(5_000),
      },
    });
  });

  test("a repository of ONNX files: sizes of files, every dtype with exactly its files, no parameters", async () => {
    const { report, exitCode } = await runJson(["acme/onnx"], { hub });
    expect(exitCode).toBe(0);
    const [model] = report.models;
    expect(model).toMatchObject({
      evidence: "files",
      parameters: { total: null },
      sizeClass: null,
      published: { format: "onnx", bytes: 901_000 },
      sizes: [{ bytes: null, basis: null }, {}, {}, {}],
    });
    expect(model?.published?.alternatives.map(({ label, bytes }) => [label, bytes])).toEqual([
      ["q8", 230_000],
      ["q4f16", 150_000],
    ]);
  });

  test("a dtype that is there is published, and printed without ~", async () => {
    hub.addRepository({
      id: "acme/both",
      files: {
        ...serveRealModel(realModel("distilbert/distilbert-base-uncased-finetuned-sst-2-english")).files,
        "onnx/model_quantized.onnx": zeros(67_126_731),
      },
    });
    const { report } = await runJson(["acme/both", "--quant", "onnx:q8,onnx:q4"], { hub });
    expect(report.models[0]?.sizes).toMatchObject([
      { quantization: "onnx:q8", bytes: 67_126_731, basis: "published" },
      { quantization: "onnx:q4", basis: "predicted" },
    ]);
  });
});
