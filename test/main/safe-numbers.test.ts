/** Every integer in JSON is exact, or the model is refused: runJson checks each document against its schema. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson } from "../program.ts";

const MOST = Number.MAX_SAFE_INTEGER;
const weights = buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]);
const json = (value: unknown) => ({ content: JSON.stringify(value) });

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    lacks: ["blobs"],
    repositories: [
      {
        id: "acme/model",
        files: { "config.json": json({ model_type: "llama" }), "model.safetensors": weights },
      },
      {
        id: "acme/words",
        files: {
          "config.json": json({
            model_type: "llama",
            architectures: ["LlamaForCausalLM"],
            vocab_size: MOST,
            hidden_size: MOST,
            num_hidden_layers: MOST,
            num_attention_heads: MOST,
            num_key_value_heads: MOST,
          }),
          "model.safetensors": weights,
        },
      },
      {
        id: "acme/gated",
        gated: "auto",
        files: { "model.safetensors": weights },
        info: { safetensors: { parameters: { F32: MOST, F16: MOST, BF16: MOST }, total: MOST } },
      },
    ],
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
beforeEach(() => hub.clearFaults());
afterAll(() => hub.close());

const file = (path: string, size: number) => ({ type: "file", path, size, oid: "x" });

describe("sizes of files", () => {
  test.each([
    ["of the package", [file("model.bin", MOST), file("model-1.bin", MOST)]],
    ["of the repository", [file("model.gguf", 100), file("a.gguf", MOST), file("b.gguf", MOST)]],
    ["of what is left out", [file("model.bin", 100), file("README.md", MOST), file("LICENSE", MOST)]],
    ["of companions", [file("model.bin", 100), file("tokenizer.json", MOST), file("vocab.txt", MOST)]],
    [
      "of alternatives",
      [file("pytorch_model.bin", 9), file("flax_model.msgpack", MOST), file("tf_model.h5", MOST)],
    ],
    ["of shards", [1, 2].map((shard) => file(`model-0000${shard}-of-00002.safetensors`, MOST))],
  ])("%s", async (_, listing) => {
    hub.fail({ fault: "json", body: listing, stage: "tree" });
    const { report, exitCode } = await runJson(["acme/model", "--retries", "0"], { hub });
    expect([exitCode, report.models]).toEqual([3, []]);
  });
});

describe("numbers of config and summary", () => {
  test.each([
    [["acme/words", "--quant", "fp16,Q4_K_M"]],
    [["fit", "acme/words", "--context", "90m", "--batch", "9999", "--device", "all"]],
    [["check", "acme/words", "--max-memory", "8GB", "--context", "90m"]],
    [["acme/gated"]],
    [["check", "acme/gated", "--max-params", "1B"]],
  ])("%j", async (words) => {
    const { exitCode } = await runJson(words, { hub });
    expect(exitCode).not.toBe(70);
  });

  test("a summary that adds up to more is refused", async () => {
    expect((await runJson(["acme/gated"], { hub })).report.failures).toMatchObject([
      {
        code: "MALFORMED_WEIGHTS",
        message: expect.stringMatching(/stored is malformed: it is beyond 2\^53/) as unknown,
      },
    ]);
  });
});
