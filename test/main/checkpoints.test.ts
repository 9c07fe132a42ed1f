import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import type { Repository } from "../hub/repository.ts";
import { writeGguf } from "../format/gguf/gguf-file.ts";
import { buildSafetensors, type TensorSpec } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const weights = (...tensors: TensorSpec[]) => buildSafetensors(tensors);
const json = (value: unknown) => ({ content: JSON.stringify(value) });
const zeros = (size: number) => ({ head: new Uint8Array(), size });
const matrix = (rows: number, columns = 10): TensorSpec => ["layer.weight", [rows, columns], "F32"];

/** The real sizes of openai/gpt-oss-20b: 13.8 GB needed, 41.3 GB in the repository. */
const gptOss: Repository = {
  ...serveRealModel(realModel("openai/gpt-oss-20b")),
  id: "openai/gpt-oss-20b",
};
const gptOssAll: Repository = {
  ...gptOss,
  files: {
    ...gptOss.files,
    "metal/model.bin": zeros(13_750_886_400),
    "original/model.safetensors": zeros(13_761_300_984),
  },
};

const pipeline: Repository = {
  id: "acme/diffuser",
  files: {
    "model_index.json": json({
      _class_name: "StableDiffusionPipeline",
      scheduler: ["diffusers", "PNDMScheduler"],
      safety_checker: [null, null],
      text_encoder: ["transformers", "CLIPTextModel"],
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
    }),
    "unet/config.json": json({ _class_name: "UNet2DConditionModel" }),
    "unet/diffusion_pytorch_model.safetensors": weights(matrix(100)),
    "unet/diffusion_pytorch_model.fp16.safetensors": weights(["layer.weight", [100, 10], "F16"]),
    "unet/diffusion_pytorch_model.bin": zeros(4_500),
    "vae/config.json": json({}),
    "vae/diffusion_pytorch_model.fp16.safetensors": weights(["layer.weight", [20, 10], "F16"]),
    "text_encoder/config.json": json({ model_type: "clip_text_model" }),
    "text_encoder/model.safetensors": weights(matrix(5), ["embeddings.position_ids", [1, 77], "I64"]),
    "scheduler/scheduler_config.json": json({}),
    "v1-5-pruned.safetensors": zeros(9_999),
  },
};

const sentences: Repository = {
  id: "acme/sentences",
  files: {
    "config.json": json({ model_type: "bert" }),
    "modules.json": json([
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
      { idx: 2, name: "2", path: "2_Dense", type: "sentence_transformers.models.Dense" },
    ]),
    "model.safetensors": weights(matrix(50)),
    "pytorch_model.bin": zeros(2_100),
    "1_Pooling/config.json": json({}),
    "2_Dense/config.json": json({}),
    "2_Dense/model.safetensors": weights(["linear.weight", [3, 10], "F32"]),
    "onnx/model.onnx": zeros(2_500),
  },
};

interface AdapterLine {
  readonly base: string;
  readonly recipe: string;
  readonly adapter_config: Record<string, unknown>;
  readonly params: number;
  readonly tensors: readonly [string, number[]][];
}
const adapters = readFileSync(new URL("../../fixtures/adapters/adapters.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as AdapterLine);

const BASES: Record<string, string> = {
  "llama-2-7b": "meta-llama/Llama-2-7b-hf",
  "bert-base": "google-bert/bert-base-uncased",
  gpt2: "openai-community/gpt2",
};

const adapterRepository = ({ base, recipe, adapter_config, tensors }: AdapterLine): Repository => ({
  id: `acme/${base}-${recipe}`,
  files: {
    "adapter_config.json": json({ ...adapter_config, base_model_name_or_path: BASES[base] }),
    "adapter_model.safetensors": weights(
      ...tensors.map(([name, shape]) => [name, shape, "F32"] as TensorSpec),
    ),
  },
});

/** An adapter whose base is nowhere. */
const homesick = (base: string): Repository => ({
  id: `acme/homesick-${base.length}`,
  files: {
    "adapter_config.json": json({
      peft_type: "LORA",
      r: 4,
      target_modules: "all-linear",
      base_model_name_or_path: base,
    }),
    "adapter_model.safetensors": weights(["m.lora_A.weight", [4, 10], "F32"]),
  },
});

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      gptOssAll,
      pipeline,
      sentences,
      ...Object.values(BASES).map((id) => serveRealModel(realModel(id))),
      ...adapters.map(adapterRepository),
      homesick("/home/someone/llama"),
      homesick("acme/gone"),
    ],
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
afterAll(() => hub.close());

describe("several checkpoints in one repository", () => {
  test("gpt-oss-20b: what a loader fetches and what the repository holds", async () => {
    const { report } = await runJson(["openai/gpt-oss-20b"], { hub });
    const published = report.models[0]?.published;
    expect(published?.files.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^model-0000\d-of-/),
      expect.stringMatching(/^model-0000\d-of-/),
      expect.stringMatching(/^model-0000\d-of-/),
    ]);
    expect((published?.bytes ?? 0) / 1e9).toBeCloseTo(13.76, 1);
    expect((published?.repositoryBytes ?? 0) / 1e9).toBeCloseTo(41.3, 1);
    expect(published?.alternatives.map(({ label, bytes }) => [label, bytes])).toEqual([
      ["metal/model", 13_750_886_400],
      ["original/model", 13_761_300_984],
    ]);
  });

  test("the file of a URL picks its set", async () => {
    const url = `${hub.endpoint}/acme/diffuser/blob/main/unet/diffusion_pytorch_model.fp16.safetensors`;
    const { report } = await runJson([url], { hub });
    expect(report.models).toMatchObject([{ parameters: { total: 1000, byDtype: { F16: 1000 } } }]);
  });
});

describe("models of several parts", () => {
  test("a pipeline: every component, one variant each", async () => {
    const { report } = await runJson(["acme/diffuser"], { hub });
    expect(report.models).toMatchObject([
      {
        architecture: "StableDiffusionPipeline",
        parameters: { total: 1000 + 200 + 50, stored: 1000 + 200 + 50 + 77 },
      },
    ]);
    expect(report.models[0]?.published?.files.map(({ path }) => path)).toEqual([
      "text_encoder/model.safetensors",
      "unet/diffusion_pytorch_model.safetensors",
      "vae/diffusion_pytorch_model.fp16.safetensors",
    ]);
    expect(report.models[0]?.published?.alternatives.map(({ label }) => label)).toEqual([
      "unet/diffusion_pytorch_model",
      "unet/diffusion_pytorch_model (fp16)",
      "v1-5-pruned",
    ]);
  });

  test("a component that has a config and no weights is said, and leaves the gate shut", async () => {
    const { "vae/diffusion_pytorch_model.fp16.safetensors": _, ...files } = pipeline.files;
    hub.addRepository({ id: "acme/headless", files });
    const { report } = await runJson(["check", "acme/headless", "--max-params", "1B"], { hub });
    expect(report.models[0]?.notes).toMatchObject([
      { code: "COMPONENT_ABSENT", message: expect.stringContaining("vae") },
    ]);
    expect(report.verdicts).toMatchObject([{ outcome: "unknown" }]);
  });

  test("sentence-transformers: the root and its modules", async () => {
    const { report } = await runJson(["acme/sentences"], { hub });
    expect(report.models).toMatchObject([{ modelType: "bert", parameters: { total: 530 } }]);
    expect(report.models[0]?.published?.files.map(({ path }) => path)).toEqual([
      "model.safetensors",
      "2_Dense/model.safetensors",
    ]);
  });
});

test("layers for multi-token prediction are a role of their own, and said", async () => {
  const tensors: TensorSpec[] = [
    "model.layers.0.mlp.up_proj",
    "model.layers.1.mlp.up_proj",
    "model.layers.1.eh_proj",
  ].map((name) => [`${name}.weight`, [10, 10], "BF16"]);
  hub.addRepository({
    id: "acme/seer",
    files: {
      "config.json": json({ model_type: "deepseek_v3", num_hidden_layers: 1, num_nextn_predict_layers: 1 }),
      "model.safetensors": weights(...tensors),
    },
  });
  const { report } = await runJson(["acme/seer"], { hub });
  expect(report.models).toMatchObject([
    { parameters: { total: 300, byRole: { mtp: 200, mlp: 100 } }, notes: [{ code: "MTP_COUNTED" }] },
  ]);
});

test("PyTorch shards that only an index tells apart", async () => {
  const read = (name: string) =>
    readFileSync(new URL(`../../fixtures/checkpoints/llama-shardedbin/${name}`, import.meta.url));
  const [first, second] = ["00001", "00002"].map((number) => read(`pytorch_model-${number}-of-00002.bin`));
  hub.addRepository({
    id: "acme/bins",
    files: {
      "config.json": { content: read("config.json") },
      "pytorch_model-00000-of-00002.bin": { content: first ?? "", lfs: true },
      "pytorch_model-00001-of-00002.bin": { content: second ?? "", lfs: true },
      "pytorch_model.bin.index.json": json({
        weight_map: { a: "pytorch_model-00000-of-00002.bin", b: "pytorch_model-00001-of-00002.bin" },
      }),
    },
  });
  const { report } = await runJson(["acme/bins"], { hub });
  expect(report.models).toMatchObject([{ published: { format: "pytorch" }, parameters: { total: 26_784 } }]);
});

describe("adapters", () => {
  test.each(adapters)("$base $recipe has $params parameters, and its base stands beside it", async (line) => {
    const { report, stderr } = await runJson([`acme/${line.base}-${line.recipe}`], { hub });
    const [adapter, base] = report.models;
    expect(adapter).toMatchObject({
      parameters: { total: line.params },
      adapter: { rank: line.adapter_config["r"], base: BASES[line.base] },
    });
    expect(base?.id).toBe(BASES[line.base]);
    expect(adapter?.adapter?.shareOfBase).toBeCloseTo(line.params / (base?.parameters.total ?? 0), 10);
    expect(stderr).toBe("");
  });

  test("--no-base leaves the base alone", async () => {
    const { report } = await runJson(["acme/gpt2-r8-default", "--no-base"], { hub });
    expect(report.models.map(({ id }) => id)).toEqual(["acme/gpt2-r8-default"]);
    expect(report.models[0]?.adapter?.shareOfBase).toBeNull();
  });

  test.each(["/home/someone/llama", "acme/gone"])(
    "a base that is nowhere (%s) is a note, no failure",
    async (base) => {
      const { report, exitCode } = await runJson([`acme/homesick-${base.length}`], { hub });
      expect(exitCode).toBe(0);
      expect(report.models).toMatchObject([
        { parameters: { total: 40 }, notes: [{ code: "BASE_UNMEASURED" }] },
      ]);
    },
  );

  test("a base that is also a folder here is read from the Hub", async () => {
    const folder = mkdtempSync(join(tmpdir(), "llm-size-base-"));
    mkdirSync(join(folder, "acme", "gone"), { recursive: true });
    writeFileSync(join(folder, "acme", "gone", "model.safetensors"), "secret");
    const before = process.cwd();
    process.chdir(folder);
    const { report } = await runJson(["acme/homesick-9"], { hub }).finally(() => process.chdir(before));
    expect(report.models).toMatchObject([
      { notes: [{ message: expect.stringMatching(/acme\/gone was not found/) as unknown }] },
    ]);
  });

  test("explain names rank, targets and base", async () => {
    const { stdout } = await runProgram(["explain", "acme/gpt2-r16-dora-all"], { hub });
    expect(stdout).toMatch(/adapter +DORA rank 16 on .* of openai-community\/gpt2/);
  });
});

describe("GGUF", () => {
  const tensors = (type: "Q4_K" | "Q8_0" | "F16") => [
    { name: "token_embd.weight", shape: [512, 256], type },
    { name: "blk.0.ffn_up_exps.weight", shape: [8, 64, 256], type },
    { name: "blk.0.attn_q.weight", shape: [256, 256], type },
    { name: "blk.0.attn_norm.weight", shape: [256], type: "F32" as const },
    { name: "rope_freqs.weight", shape: [64], type: "F32" as const },
  ];
  const metadata = { "general.architecture": "llama", "llama.expert_used_count": 2, "llama.block_count": 1 };
  const file = (type: "Q4_K" | "Q8_0" | "F16") => {
    const { header, bytes } = writeGguf({ metadata, tensors: tensors(type) });
    return { head: header, size: bytes };
  };
  beforeAll(() => {
    hub.addRepository({
      id: "acme/ggufs",
      files: {
        "acme-F16-00001-of-00001.gguf": file("F16"),
        "acme-Q8_0.gguf": file("Q8_0"),
        "acme-Q4_K_M.gguf": file("Q4_K"),
        "mmproj-acme-F16.gguf": zeros(1000),
        "imatrix.gguf": zeros(1000),
      },
    });
  });

  test("one header is read, all quantizations are listed with their real bytes", async () => {
    hub.clearLog();
    const { report, stderr } = await runJson(["acme/ggufs"], { hub });
    const [model] = report.models;
    const total = 512 * 256 + 8 * 64 * 256 + 256 * 256 + 256;
    expect(model).toMatchObject({
      modelType: "llama",
      parameters: { total, active: total - 6 * 64 * 256, stored: total + 64 },
      published: { format: "gguf", files: [{ path: "acme-Q4_K_M.gguf", bytes: file("Q4_K").size }] },
    });
    expect(model?.published?.alternatives.map(({ label, bytes }) => [label, bytes])).toEqual([
      ["F16", file("F16").size],
      ["Q8_0", file("Q8_0").size],
    ]);
    expect(stderr).toMatch(/one of 3 gguf quantizations\n$/);
    expect(hub.requests.filter(({ origin }) => origin === "cdn")).toHaveLength(1);
  });
});
