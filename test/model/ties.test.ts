import { describe, expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { findTies, isHeadTied } from "../../src/model/ties.ts";
import { examineReal } from "./real-models.ts";

const named = (...names: readonly string[]) => names.map((name) => ({ name, shape: [128, 32] }));
const find = (names: readonly string[], config: Record<string, unknown> | null) => {
  const { copies, doubtful } = findTies(named(...names), config && buildConfig(config));
  return { copies: [...copies], doubtful };
};

test.each([
  ["Qwen/Qwen3-0.6B", ["lm_head.weight"]], // stores 155,582,464 weights twice
  ["Qwen/Qwen3-1.7B", ["lm_head.weight"]],
  ["albert/albert-base-v2", ["predictions.decoder.bias"]], // as predictions.bias
  ["google/gemma-2b-it", []],
  ["Qwen/Qwen3-8B", []],
  ["meta-llama/Llama-2-7b-hf", []],
  ["openai/whisper-base", []],
  ["google-t5/t5-base", []],
])("%s stores %j again", (id, copies) => {
  const { tensors, config } = examineReal(id);
  const ties = findTies(tensors, config);
  expect([...ties.copies]).toEqual(copies);
  expect(ties.doubtful).toBeNull();
});

test.each([
  [
    "a decoder",
    { tie_word_embeddings: true },
    ["model.embed_tokens.weight", "lm_head.weight"],
    ["lm_head.weight"],
  ],
  [
    "a graph, whose exporter numbered the head",
    { tie_word_embeddings: true },
    ["model.embed_tokens.weight", "onnx::MatMul_3890", "onnx::MatMul_3891"],
    ["onnx::MatMul_3890"],
  ],
  [
    "a graph of onnxruntime-genai",
    { tie_word_embeddings: true },
    ["model.embed_tokens.weight", "lm_head.MatMul.weight_Q4"],
    ["lm_head.MatMul.weight_Q4"],
  ],
  [
    "a decoder of its own head",
    { tie_word_embeddings: false },
    ["model.embed_tokens.weight", "lm_head.weight"],
    [],
  ],
  ["GPT-2", { model_type: "gpt2" }, ["wte.weight", "lm_head.weight"], ["lm_head.weight"]],
  ["Llama", { model_type: "llama" }, ["model.embed_tokens.weight", "lm_head.weight"], []],
  ["Pythia", { model_type: "gpt_neox" }, ["gpt_neox.embed_in.weight", "embed_out.weight"], []],
  [
    "Whisper",
    { model_type: "whisper" },
    ["model.decoder.embed_tokens.weight", "proj_out.weight"],
    ["proj_out.weight"],
  ],
  [
    "BERT",
    { model_type: "bert" },
    ["bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"],
    ["cls.predictions.decoder.weight"],
  ],
  [
    "NomicBERT",
    { model_type: "nomic_bert" },
    ["nomic_bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"],
    ["cls.predictions.decoder.weight"],
  ],
  [
    "RoBERTa",
    { model_type: "roberta" },
    ["roberta.embeddings.word_embeddings.weight", "lm_head.decoder.weight"],
    ["lm_head.decoder.weight"],
  ],
  [
    "DistilBERT",
    { model_type: "distilbert" },
    ["distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"],
    ["vocab_projector.weight"],
  ],
  ["Mamba", { model_type: "mamba" }, ["backbone.embeddings.weight", "lm_head.weight"], ["lm_head.weight"]],
  [
    "T5 with everything stored",
    { model_type: "t5" },
    ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"],
    ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"],
  ],
  [
    "T5 1.1, whose head is its own",
    { model_type: "t5", tie_word_embeddings: false },
    ["shared.weight", "encoder.embed_tokens.weight", "lm_head.weight"],
    ["encoder.embed_tokens.weight"],
  ],
  [
    "BART",
    { model_type: "bart" },
    ["model.shared.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"],
    ["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"],
  ],
  [
    "an encoder-decoder without a config",
    null,
    ["shared.weight", "encoder.embed_tokens.weight"],
    ["encoder.embed_tokens.weight"],
  ],
  [
    "two embeddings that share nothing",
    { model_type: "bart" },
    ["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"],
    [],
  ],
])("%s", (_what, config, names, copies) => {
  expect(find(names, config)).toEqual({ copies, doubtful: null });
});

describe("a head of the embedding's shape of which nothing says whether it is a copy", () => {
  const names = ["model.embed_tokens.weight", "lm_head.weight"];

  test.each([
    ["no config", null],
    ["a model type of tomorrow", { model_type: "gemma9" }],
    ["no model type", {}],
    ["a word in place of a truth value", { model_type: "gemma9", tie_word_embeddings: "true" }],
    ["null", { tie_word_embeddings: null }],
  ])("is counted and said: %s", (_what, config) => {
    expect(find(names, config)).toEqual({ copies: [], doubtful: "lm_head.weight" });
  });

  test("is no question where the shape is another", () => {
    const weights = [
      { name: "model.embed_tokens.weight", shape: [128, 32] },
      { name: "lm_head.weight", shape: [130, 32] },
    ];
    expect(findTies(weights, null)).toEqual({ copies: new Set(), doubtful: null });
    expect(findTies(weights, buildConfig({ tie_word_embeddings: true })).copies.size).toBe(0);
  });

  test("is no question without an embedding, as in a shard alone", () => {
    expect(find(["lm_head.weight"], { tie_word_embeddings: true })).toEqual({ copies: [], doubtful: null });
  });

  test("is no question for what was trained beside an adapter", () => {
    const adapter = ["base_model.model.model.embed_tokens.weight", "base_model.model.lm_head.weight"];
    expect(find(adapter, { tie_word_embeddings: true }).copies).toEqual([]);
  });
});

test.each([
  [{ tie_word_embeddings: true, model_type: "llama" }, true],
  [{ tie_word_embeddings: false, model_type: "gemma" }, false],
  [{ model_type: "gemma3", text_config: { tie_word_embeddings: false } }, false],
  [{ tie_word_embeddings: true, text_config: { hidden_size: 8 } }, true],
  [{ tie_word_embeddings: false, text_config: { tie_word_embeddings: true } }, null], // Qwen3-VL saved by transformers 5
  [{ text_config: { tie_word_embeddings: true } }, true],
  [{ thinker_config: { tie_word_embeddings: false, text_config: { tie_word_embeddings: true } } }, null],
  [{ thinker_config: { text_config: { tie_word_embeddings: true } } }, true],
  [{ model_type: "mamba2" }, false],
  [{ model_type: "ernie4_5" }, true],
  [{ model_type: "ernie4_5_moe" }, true],
  [{ model_type: "gpt_neox_japanese" }, true],
  [{ tie_word_embeddings: true, architectures: ["LukeForMaskedLM"] }, false],
  [{ model_type: "gemma3", text_config: {} }, true],
  [{ model_type: "mistral" }, false],
  [{ model_type: "constructor" }, null],
  [{}, null],
])("%j ties: %j", (config, tied) => {
  expect(isHeadTied(buildConfig(config))).toBe(tied);
});

test("without a config, nobody knows", () => {
  expect(isHeadTied(null)).toBeNull();
});
