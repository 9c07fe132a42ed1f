/** Real listings, most from reference data with public sizes; some small files are left out. */
import { describe, expect, test } from "vitest";
import { choose, madeRepository } from "./made-repository.ts";

const CONFIG = { architectures: ["LlamaForCausalLM"], model_type: "llama" };

describe("one model", () => {
  test("takes safetensors of transformers and accounts for its conversions", async () => {
    const choice = await choose(
      madeRepository(
        {
          "model.safetensors": 90_900_000,
          "pytorch_model.bin": 90_900_000,
          "tf_model.h5": 91_000_000,
          "rust_model.ot": 90_900_000,
          "onnx/model.onnx": 90_400_000,
          "onnx/model_O4.onnx": 45_200_000,
          "onnx/model_qint8_arm64.onnx": 23_000_000,
          "openvino/openvino_model.bin": 90_300_000,
          "openvino/openvino_model.xml": 211_000,
          "openvino/openvino_model_qint8_quantized.bin": 22_900_000,
          "openvino/openvino_model_qint8_quantized.xml": 368_000,
          "tokenizer.json": 466_000,
          "train_script.py": 13_000,
        },
        { "config.json": CONFIG, "modules.json": [{ path: "" }, { path: "1_Pooling" }] },
      ),
    );
    expect(choice?.bytes).toBe(90_900_000);
    expect(choice?.doubt).toBeNull();
    expect(Object.values(choice?.uses ?? {}).filter((use) => use === "unexplained")).toEqual([]);
    expect(choice?.uses["onnx/model_O4.onnx"]).toBe("alternative");
    expect(choice?.uses["tokenizer.json"]).toBe("support");
  });

  test("sums encoder, decoder and joiner, each with its data, in the plain precision", async () => {
    const choice = await choose(
      madeRepository({
        "encoder-model.onnx": 41_770_866,
        "encoder-model.onnx.data": 2_435_420_160,
        "decoder_joint-model.onnx": 72_520_893,
        "nemo128.onnx": 139_764,
        "encoder-model.int8.onnx": 652_000_000,
        "decoder_joint-model.int8.onnx": 18_000_000,
        "vocab.txt": 93_939,
      }),
    );
    expect(choice?.bytes).toBe(2_549_851_683);
    expect(choice?.uses["encoder-model.int8.onnx"]).toBe("alternative");
  });

  test("sums all shards and doubts data that no graph could be read for", async () => {
    const choice = await choose(
      madeRepository({
        "encoder.onnx": 40_000_000,
        "encoder.bytes": 2_300_000_000,
        "decoder.onnx": 28_000_000,
      }),
    );
    expect(choice?.doubt?.code).toBe("DATA_MISSING");
    expect(choice?.uses["encoder.bytes"]).toBe("unexplained");
  });

  test("takes the GGUF family that the repository is called after, with its projector as support", async () => {
    const choice = await choose(
      madeRepository(
        {
          "gemma-4-12b-it-UD-IQ2_M.gguf": 4_213_353_280,
          "gemma-4-12b-it-Q4_K_M.gguf": 7_100_000_000,
          "mmproj-F16.gguf": 175_115_840,
          "mtp-gemma-4-12b-it.gguf": 465_109_248,
          "MTP/gemma-4-12b-it-F16-MTP.gguf": 900_000_000,
        },
        {},
        "unsloth/gemma-4-12b-it-GGUF",
      ),
    );
    expect(choice?.label).toBe("Q4_K_M");
    expect(choice?.doubt).toBeNull();
    expect(choice?.alternatives.map(({ label }) => label)).toEqual(["UD-IQ2_M"]);
    expect(choice?.uses).toMatchObject({
      "mmproj-F16.gguf": "support",
      "mtp-gemma-4-12b-it.gguf": "other-model",
      "MTP/gemma-4-12b-it-F16-MTP.gguf": "other-model",
    });
  });

  test("reads folders that are labels as one family", async () => {
    const choice = await choose(
      madeRepository({
        "Q8_0/m-Q8_0-00001-of-00002.gguf": 40_000_000_000,
        "Q8_0/m-Q8_0-00002-of-00002.gguf": 30_000_000_000,
        "Q4_K_M/m-Q4_K_M.gguf": 40_000_000_000,
      }),
    );
    expect(choice?.bytes).toBe(40_000_000_000);
    expect(choice?.alternatives).toMatchObject([{ label: "Q8_0", bytes: 70_000_000_000 }]);
  });

  test("sums the pairs of a vision model of OpenVINO without its tokenizer", async () => {
    const pairs = [
      "language_model",
      "text_embeddings_model",
      "vision_embeddings_model",
      "tokenizer",
      "detokenizer",
    ];
    const sizes = pairs.flatMap((name, index) => [
      [`openvino_${name}.xml`, 1_000],
      [`openvino_${name}.bin`, 1_000_000 * (index + 1)],
    ]);
    const choice = await choose(madeRepository(Object.fromEntries(sizes) as Record<string, number>));
    expect(choice?.bytes).toBe(6_003_000);
    expect(choice?.uses["openvino_tokenizer.bin"]).toBe("support");
  });

  test("counts what is needed of MLC by the records, whatever other shards lie there", async () => {
    const records = [0, 1].map((index) => ({
      dataPath: `params_shard_${index}.bin?x=1`,
      nbytes: 33_000_000,
      records: [],
    }));
    const choice = await choose(
      madeRepository(
        {
          "params_shard_0.bin": 33_000_000,
          "params_shard_1.bin": 33_000_000,
          "params_shard_2.bin": 33_000_000,
        },
        { "ndarray-cache.json": { records }, "mlc-chat-config.json": {} },
      ),
    );
    expect(choice?.bytes).toBe(66_000_000);
    expect(choice?.uses["params_shard_2.bin"]).toBe("unexplained");
  });
});

describe("several models", () => {
  test.each([
    ["speech parts at the root", { "llm.pt": 2e9, "flow.pt": 45e7, "hift.pt": 83e6, "campplus.onnx": 28e6 }],
    ["models of several sizes", { "ggml-tiny.bin": 77e6, "ggml-base.bin": 148e6, "ggml-large.bin": 3e9 }],
    ["folders of models", { "a/model.safetensors": 1e9, "b/model.safetensors": 2e9 }],
    [
      "folders of Core ML",
      { "x/AudioEncoder.mlmodelc/model.mil": 1e6, "y/AudioEncoder.mlmodelc/model.mil": 1e6 },
    ],
  ])("are refused by name: %s", async (_, sizes) => {
    await expect(choose(madeRepository(sizes))).rejects.toMatchObject({ code: "SEVERAL_MODELS" });
  });

  test("one of them can be named by a file, a folder or a label", async () => {
    const sizes = { "a/model.safetensors": 1e9, "b/model.safetensors": 2e9, "llm.pt": 3e9, "flow.pt": 4e9 };
    const source = madeRepository(sizes);
    expect((await choose(source, { path: "flow.pt" }))?.bytes).toBe(4e9);
    expect((await choose(source, { path: "b" }))?.bytes).toBe(2e9);
    const gguf = madeRepository({ "m-Q8_0.gguf": 2e9, "m-Q4_K_M.gguf": 1e9 });
    expect((await choose(gguf, { label: "q8_0" }))?.bytes).toBe(2e9);
    await expect(choose(gguf, { label: "Q2_K" })).rejects.toMatchObject({ code: "QUANTIZATION_NOT_FOUND" });
  });
});

describe("doubt", () => {
  test("stays where a loader's name without a config has larger neighbors", async () => {
    const choice = await choose(madeRepository({ "model.safetensors": 1e7, "base.safetensors": 1e9 }));
    expect(choice?.doubt).toMatchObject({ code: "FILES_UNEXPLAINED", atMostBytes: 1.01e9 });
    const configured = (bytes: number) =>
      choose(
        madeRepository({ "model.safetensors": 1e7, "base.safetensors": bytes }, { "config.json": CONFIG }),
      );
    expect((await configured(9e6))?.doubt).toBeNull();
    // vLLM loads every safetensors file of the root.
    expect((await configured(1e9))?.doubt).toMatchObject({ atMostBytes: 1.01e9 });
  });

  test("comes with shards that are larger than the single file of their name, and not with a copy", async () => {
    const next = (bytes: number) =>
      choose(
        madeRepository(
          {
            "model.safetensors": 1e7,
            "model-00001-of-00002.safetensors": bytes,
            "model-00002-of-00002.safetensors": bytes,
          },
          { "config.json": CONFIG },
        ),
      );
    expect((await next(5e6))?.doubt).toBeNull();
    expect((await next(1e9))?.doubt).toMatchObject({ code: "FILES_UNEXPLAINED", atMostBytes: 2.01e9 });
  });

  test("of ONNX is raised by weights in other folders", async () => {
    const choice = await choose(madeRepository({ "onnx/model.onnx": 1e6, "engines/rank0.engine": 6e9 }));
    expect(choice?.doubt).toMatchObject({ code: "FILES_UNEXPLAINED", atMostBytes: 6.001e9 });
  });

  test("does not take a name's word: a draft or a voice larger than the model is unexplained", async () => {
    const choice = await choose(
      madeRepository({
        "m-Q4_K_M.gguf": 1e8,
        "draft-m-Q8_0.gguf": 5e9,
        "voices/big.pt": 6e9,
        "mmproj-F16.gguf": 1e7,
      }),
    );
    expect(choice?.uses).toMatchObject({
      "draft-m-Q8_0.gguf": "unexplained",
      "voices/big.pt": "unexplained",
      "mmproj-F16.gguf": "support",
    });
    expect(choice?.doubt?.code).toBe("FILES_UNEXPLAINED");
  });

  test("names components without a manifest", async () => {
    const choice = await choose(
      madeRepository({
        "split_files/diffusion_models/q_fp8_e4m3fn.safetensors": 20_430_635_136,
        "split_files/text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors": 9_384_670_680,
        "split_files/text_encoders/qwen_2.5_vl_7b.safetensors": 16_584_333_312,
        "split_files/vae/qwen_image_vae.safetensors": 253_806_246,
      }),
    );
    expect(choice?.doubt?.code).toBe("NO_MANIFEST");
    expect(choice?.bytes).toBe(20_430_635_136 + 16_584_333_312 + 253_806_246);
  });
});

test("an index decides where other files lie next to a set that looks whole", async () => {
  const weightMap = { a: "model-00001-of-00001.safetensors", b: "weights-a.safetensors" };
  const choice = await choose(
    madeRepository(
      { "model-00001-of-00001.safetensors": 1e4, "weights-a.safetensors": 8e9 },
      { "config.json": CONFIG, "model.safetensors.index.json": { weight_map: weightMap } },
    ),
  );
  expect(choice?.bytes).toBe(8_000_010_000);
});

test("a repository without weights is none", async () => {
  expect(await choose(madeRepository({ "README.md": 10, "data.zip": 1e9 }))).toBeNull();
});

describe("folders of LM Studio: publisher/repository/file", () => {
  const gemma = {
    "lmstudio-community/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf": 2_489_757_856,
    "lmstudio-community/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q8_0.gguf": 4_130_226_336,
    "lmstudio-community/gemma-3-4b-it-GGUF/mmproj-model-f16.gguf": 851_251_104,
  };
  const qwen = { "lmstudio-community/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf": 5_027_783_488 };
  const mlx = {
    "mlx-community/Qwen3-4B-4bit/model.safetensors": 2_263_022_529,
    "mlx-community/Qwen3-4B-4bit/config.json": 900,
  };
  const below = (folder: string, files: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(files).map(([path, bytes]) => [
        folder === "" ? path : path.slice(folder.length + 1),
        bytes,
      ]),
    );

  test("one model is measured from the root, its publisher and its own folder", async () => {
    for (const folder of [".", "./lmstudio-community", "./lmstudio-community/gemma-3-4b-it-GGUF"]) {
      const choice = await choose(madeRepository(below(folder.slice(2), gemma), {}, folder));
      expect(choice).toMatchObject({ bytes: 2_489_757_856, doubt: null });
      expect(choice?.alternatives).toMatchObject([{ label: "Q8_0" }]);
    }
  });

  test("of several, the folders and files are named", async () => {
    await expect(choose(madeRepository({ ...gemma, ...qwen, ...mlx }))).rejects.toMatchObject({
      code: "SEVERAL_MODELS",
      context: {
        candidates: [
          { path: "lmstudio-community/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf", bytes: 5_027_783_488 },
          { path: "lmstudio-community/gemma-3-4b-it-GGUF", bytes: 2_489_757_856 },
          { path: "mlx-community/Qwen3-4B-4bit/model.safetensors", bytes: 2_263_022_529 },
        ],
      },
    });
  });
});
