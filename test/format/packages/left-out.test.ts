/** Files that could be the model and that names alone would leave out. */
import { expect, test } from "vitest";
import { choose, madeRepository } from "./made-repository.ts";

type Sizes = Readonly<Record<string, number>>;

test.each<[string, Sizes]>([
  ["a config of gigabytes", { "model.safetensors": 5e6, "weights.json": 8e9 }],
  ["parameters of MXNet", { "model.safetensors": 5e6, "resnet-0000.params": 8e9 }],
  ["a model that is called a tokenizer", { "model.safetensors": 5e6, "cc.en.300.model": 8e9 }],
  ["weights that are called a scheduler", { "model.safetensors": 5e6, "scheduler.weights": 8e9 }],
  ["a half precision of 16 times the bytes", { "model.onnx": 3e8, "model_fp16.onnx": 5e9 }],
  ["a graph's data that no graph names", { "encoder.onnx": 25e6, "model.bin": 75e6 }],
  ["four bits in more bytes than sixteen", { "fp16/model.onnx": 1e7, "int4/model.onnx": 2e8 }],
])("%s is in doubt, and counted in the bound", async (_, files) => {
  const all = Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
  expect((await choose(madeRepository(files)))?.doubt).toMatchObject({
    code: "FILES_UNEXPLAINED",
    atMostBytes: all,
  });
});

test("shards of which some are missing have no bound", async () => {
  const files = { "m-Q4_K_M.gguf": 2e6, "m-Q4_K_M-00001-of-00003.gguf": 5e9 };
  expect((await choose(madeRepository(files)))?.doubt?.atMostBytes).toBeNull();
});

test.each<[string, Sizes, Readonly<Record<string, unknown>>, string]>([
  ["by their numbers", { "rank0.engine": 5e9, "rank2.engine": 5e9 }, {}, "rank 1 of 3"],
  [
    "by the config",
    { "rank0.engine": 5e9 },
    { "config.json": { pretrained_config: { mapping: { world_size: 2 } } } },
    "rank 1 of 2",
  ],
])("engines of TensorRT-LLM are missing %s", async (_, files, texts, missing) => {
  await expect(choose(madeRepository(files, texts))).rejects.toMatchObject({
    code: "INCOMPLETE_WEIGHTS",
    context: { missing: [missing] },
  });
});

test.each<[string, Sizes]>([
  [
    "ZeRO-3, whose weights are in the optimizer's states",
    {
      "global_step10/zero_pp_rank_0_mp_rank_00_model_states.pt": 2e5,
      "global_step10/zero_pp_rank_0_mp_rank_00_optim_states.pt": 2e9,
      "global_step10/bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt": 2e9,
      "global_step10/zero_pp_rank_1_mp_rank_00_model_states.pt": 2e5,
    },
  ],
  ["slices", { "mp_rank_00_model_states.pt": 4e9, "mp_rank_01_model_states.pt": 4e9 }],
  ["layers", { "layer_00-model_00-model_states.pt": 4e9, "layer_01-model_00-model_states.pt": 1e9 }],
])("DeepSpeed's %s are one download", async (_, files) => {
  const bytes = Object.values(files).reduce((sum, own) => sum + own, 0);
  expect(await choose(madeRepository(files))).toMatchObject({ bytes, doubt: null });
});

test("a program of ExecuTorch takes the only data file next to it", async () => {
  const files = { "model.pte": 1e7, "weights.ptd": 2e9, "tokenizer.model": 2e6 };
  expect(await choose(madeRepository(files))).toMatchObject({ bytes: 2_010_000_000, doubt: null });
});

test("genai_config.json names graphs in folders of their own", async () => {
  const manifest = {
    model: { decoder: { filename: "dec/model.onnx" }, embedding: { filename: "embed.onnx" } },
  };
  const files = { "embed.onnx": 1e6, "dec/model.onnx": 1e6, "dec/model.onnx.data": 4e9 };
  const choice = await choose(madeRepository(files, { "genai_config.json": manifest }));
  expect(choice?.bytes).toBe(4_002_000_000);
});
