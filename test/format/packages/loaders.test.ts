import { describe, expect, test } from "vitest";
import { LlmSizeError } from "../../../src/errors.ts";
import { listAlternatives } from "../../../src/format/packages/alternatives.ts";
import { choosePackage } from "../../../src/format/packages/choose-package.ts";
import { listFiles } from "../../../src/format/packages/package-choice.ts";

/** What the choice reads besides the listing: an index by its names, or any JSON. */
interface Texts {
  readonly readIndex?: () => Promise<ReadonlySet<string>>;
  readonly readJson?: () => Promise<unknown>;
}

/** Choose among files of 10 bytes; what is not given must not be read. */
async function chooseAll(paths: readonly string[], { readIndex, readJson }: Texts, path: string | null) {
  return choosePackage(
    {
      id: "acme/model",
      source: "hub",
      cached: null,
      files: paths.map((own) => ({ path: own, bytes: 10 })),
      async readText(name) {
        if (/index(?:\.\w+)?\.json$/.test(name) && name !== "model_index.json" && readIndex) {
          const names = [...(await readIndex())];
          return JSON.stringify({ weight_map: Object.fromEntries(names.map((own) => [own, own])) });
        }
        if (readJson) return JSON.stringify(await readJson());
        throw new Error(`asked for ${name}`);
      },
      readRange: (file) => Promise.reject(new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: file.path })),
    },
    { path, label: null },
  );
}

async function choose(paths: readonly string[], texts: Texts = {}, path: string | null = null) {
  const choice = await chooseAll(paths, texts, path);
  return (
    choice && {
      format: choice.format,
      files: listFiles(choice).map((file) => file.path),
      folders: choice.parts.map(({ folder }) => folder),
      orphans: choice.orphans.map((file) => file.path),
    }
  );
}

const shards = (count: number, stem = "model", ending = "safetensors") =>
  Array.from({ length: count }, (_, at) => {
    const five = (number: number) => String(number).padStart(5, "0");
    return `${stem}-${five(at + 1)}-of-${five(count)}.${ending}`;
  });
const INDEX = "model.safetensors.index.json";

describe("what a loader takes from the root", () => {
  test.each([
    ["one file", ["model.safetensors", "pytorch_model.bin", "tf_model.h5"], ["model.safetensors"]],
    ["all shards, whose names prove them whole", [...shards(3).toReversed(), INDEX], shards(3)],
    [
      "bigscience/bloom's shards",
      ["model_00001-of-00002.safetensors", "model_00002-of-00002.safetensors"],
      ["model_00001-of-00002.safetensors", "model_00002-of-00002.safetensors"],
    ],
    [
      "the plain one beside a variant",
      ["model.fp16.safetensors", "model.safetensors"],
      ["model.safetensors"],
    ],
    [
      "a variant where there is nothing else",
      ["model.fp16.safetensors", "model.bf16.safetensors"],
      ["model.fp16.safetensors"],
    ],
    ["transformers' before Mistral's own copy", ["consolidated.safetensors", ...shards(2)], shards(2)],
    ["Mistral's own, alone", ["consolidated.safetensors", "params.json"], ["consolidated.safetensors"]],
    ["PyTorch where that is all", ["pytorch_model.bin", "flax_model.msgpack"], ["pytorch_model.bin"]],
    ["all PyTorch shards", shards(2, "pytorch_model", "bin"), shards(2, "pytorch_model", "bin")],
    ["an adapter", ["adapter_model.safetensors", "adapter_config.json"], ["adapter_model.safetensors"]],
    ["a single file of another name", ["sd_xl_base_1.0.safetensors"], ["sd_xl_base_1.0.safetensors"]],
    [
      "the model, not what a trainer left",
      ["model.safetensors", "optimizer.pt", "checkpoint-5/model.safetensors"],
      ["model.safetensors"],
    ],
    [
      "a folder where there is only one",
      ["unet/diffusion_pytorch_model.safetensors"],
      ["unet/diffusion_pytorch_model.safetensors"],
    ],
    ["the usual GGUF", ["m.Q2_K.gguf", "m.Q4_K_M.gguf", "m.Q8_0.gguf"], ["m.Q4_K_M.gguf"]],
  ])("%s", async (_what, paths, files) => {
    expect((await choose(paths))?.files).toEqual(files);
  });

  test.each([
    ["nothing", []],
    ["no weights", ["README.md", "config.json"]],
  ])("%s: there is no package", async (_what, paths) => {
    expect(await choose(paths)).toBeNull();
  });

  test.each([
    ["two models side by side", ["a.safetensors", "b.safetensors"]],
    ["two folders of weights", ["a/model.safetensors", "b/model.safetensors"]],
  ])("%s: the candidates are named", async (_what, paths) => {
    await expect(choose(paths)).rejects.toMatchObject({
      code: "SEVERAL_MODELS",
      context: { candidates: paths.map((path) => ({ path, bytes: 10 })) },
    });
  });

  test("shards beside a whole file are orphans", async () => {
    expect(await choose(["model.safetensors", ...shards(2)])).toMatchObject({
      files: ["model.safetensors"],
      orphans: shards(2),
    });
  });
});

describe("an index", () => {
  const readIndex = (...names: readonly string[]) => ({ readIndex: async () => new Set(names) });

  test("tells the shards of openai/gpt-oss-20b, which count from 0", async () => {
    const names = ["model-00000-of-00002", "model-00001-of-00002", "model-00002-of-00002"].map(
      (name) => `${name}.safetensors`,
    );
    expect(await choose([...names, INDEX], readIndex(...names))).toMatchObject({ files: names, orphans: [] });
  });

  test("tells those it names from those it does not", async () => {
    const paths = [...shards(3), "model-00001-of-00009.safetensors", INDEX];
    expect(await choose(paths, readIndex(...shards(3)))).toMatchObject({
      files: shards(3),
      orphans: ["model-00001-of-00009.safetensors"],
    });
  });

  test("finds files of other names, as of older MLX uploads", async () => {
    const names = ["weights.00.safetensors", "weights.01.safetensors"];
    expect(await choose([...names, INDEX], readIndex(...names))).toMatchObject({ files: names });
  });

  test.each([
    ["one that is missing", [...shards(3).slice(1), INDEX], shards(3), shards(3).slice(0, 1)],
    ["all of them", [INDEX], shards(2), shards(2)], // groxaxo/Qwen3-14B has an index and no shards
  ])("names %s", async (_what, paths, named, missing) => {
    await expect(choose(paths, readIndex(...named))).rejects.toMatchObject({
      code: "INCOMPLETE_WEIGHTS",
      context: { model: "acme/model", missing },
    });
  });

  test.each([
    ["one missing", shards(3).slice(1), ["shard 1 of 3"]],
    ["several", ["model-00002-of-00004.safetensors"], ["shard 1 of 4", "shard 3 of 4", "shard 4 of 4"]],
    ["two counts", [...shards(2), ...shards(3)], ["an index that says which shards belong together"]],
  ])("is absent: %s", async (_what, paths, missing) => {
    await expect(choose(paths)).rejects.toMatchObject({ code: "INCOMPLETE_WEIGHTS", context: { missing } });
  });

  test("is absent: a name may claim no end of shards", async () => {
    const error = await choose(["model-00001-of-999999.safetensors"]).catch((reason: unknown) => reason);
    expect((error as { context: { missing: string[] } }).context.missing.length).toBeLessThan(10_001);
  });
});

describe("several parts", () => {
  const unet = "unet/diffusion_pytorch_model.safetensors";
  const vae = "vae/diffusion_pytorch_model.fp16.safetensors";

  test("a pipeline is its components", async () => {
    const readJson = async () => ({
      _class_name: "StableDiffusionPipeline",
      scheduler: ["diffusers", "PNDMScheduler"],
      safety_checker: [null, null],
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
    });
    const paths = [
      "model_index.json",
      unet,
      vae,
      "v1-5-pruned.safetensors",
      "safety_checker/model.safetensors",
    ];
    expect(await choose(paths, { readJson })).toMatchObject({ files: [unet, vae], folders: ["unet", "vae"] });
  });

  test("sentence-transformers: the root and its modules", async () => {
    const readJson = async () => [
      { path: "" },
      { path: "1_Pooling" },
      { path: "2_Dense" },
      { path: 3 },
      null,
    ];
    const paths = ["modules.json", "model.safetensors", "2_Dense/model.safetensors", "1_Pooling/config.json"];
    expect(await choose(paths, { readJson })).toMatchObject({ folders: ["", "2_Dense"] });
  });

  test.each([null, 5, "x", [], {}, [null], { unet: "UNet" }, { unet: ["a", "b", "c"] }])(
    "a description that says nothing leaves the root: %j",
    async (value) => {
      const paths = ["model_index.json", "modules.json", "model.safetensors", unet];
      expect(await choose(paths, { readJson: async () => value })).toMatchObject({
        files: ["model.safetensors"],
      });
    },
  );
});

const PATHS = [
  "model.safetensors",
  "model.fp16.safetensors",
  "onnx/model_q4.onnx",
  "onnx/model_q4.onnx_data",
];

test.each([
  ["model.fp16.safetensors", ["model.fp16.safetensors"]],
  ["onnx/model_q4.onnx_data", ["onnx/model_q4.onnx", "onnx/model_q4.onnx_data"]],
])("the path %s picks the set it belongs to", async (path, files) => {
  expect((await choose(PATHS, {}, path))?.files).toEqual(files);
});

test("a path that is not there is an error", async () => {
  await expect(choose(PATHS, {}, "absent.safetensors")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("alternatives are the other sets, with their bytes", async () => {
  const paths = [
    "model.safetensors",
    "model.fp16.safetensors",
    "onnx/model.onnx",
    "README.md",
    ...shards(2, "pytorch_model", "bin"),
  ];
  const choice = await chooseAll(paths, {}, null);
  expect(
    choice && listAlternatives(choice, null).map(({ format, label, bytes }) => [format, label, bytes]),
  ).toEqual([
    ["onnx", "fp32", 10],
    ["safetensors", "model (fp16)", 10],
    ["pytorch", "pytorch_model", 20],
  ]);
});
