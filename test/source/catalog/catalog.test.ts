import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findCatalogModel, listCatalog } from "../../../src/source/catalog/catalog.ts";
import { buildCatalog, CATALOG } from "../../catalog/build-catalog.ts";
import type { NamedShape } from "../../catalog/fold.ts";
import { readRecordedModels } from "../../catalog/recorded-models.ts";
import { countFileBytes } from "../../catalog/sized-models.ts";

const recorded = readRecordedModels();
const find = (name: string) => findCatalogModel(name) ?? expect.unreachable(`${name} is missing`);
const sum = (items: readonly { readonly bytes: number }[]) =>
  items.reduce((total, { bytes }) => total + bytes, 0);

test("the file is what the builder builds, and small", () => {
  const text = readFileSync(CATALOG, "utf8");
  expect(text === buildCatalog(recorded), "run npx tsx test/catalog/build-catalog.ts").toBe(true);
  expect(text.length / recorded.length).toBeLessThan(1050);
});

test.each(recorded)("$id unfolds to its recorded tensors", ({ id, tensors }) => {
  const list = (all: readonly NamedShape[]) =>
    all
      .map((tensor) => JSON.stringify(tensor))
      .toSorted()
      .join("\n");
  const unfolded = find(id).tensors.map(({ name, shape, dtype }) => [name, shape, dtype] as const);
  expect(list(unfolded)).toBe(list(tensors));
});

test.each([
  // Tensors and their bytes; the files have the headers on top, about 120 bytes a tensor.
  ["google/gemma-2b", 164, 5_012_344_832, 5_012_363_872],
  ["google/gemma-2b-it", 164, 5_012_344_832, 5_012_363_872],
  ["distilbert-sst2", 104, 267_820_040, 267_832_558],
  ["bert-base-uncased", 206, 440_425_712, 440_449_768],
  ["gpt2", 160, 548_090_880, 548_105_171],
  ["bloom", 845, 352_494_542_848, 352_494_635_619],
  ["bloom-560m", 293, 1_118_429_184, 1_118_459_525],
  ["tinyllama", 201, 2_200_096_768, 2_200_119_864],
  ["qwen3-vl-2b", 625, 4_255_064_064, 4_255_140_312],
  ["llama-2-7b", 323, 13_476_839_424, 13_476_876_272],
  ["gpt-oss-20b", 459, 13_761_264_768, 13_761_316_904],
  ["deepseek-v2-lite", 5291, 31_412_968_448, 0],
  ["qwen3-30b-a3b", 18_867, 61_064_245_248, 0],
  // One of five shards is known: no file is.
  ["qwen2.5-vl-7b", 729, 16_584_333_312, 0],
])("%s has %i tensors of %i bytes, in files of %i", (name, count, tensorBytes, fileBytes) => {
  const { tensors, files } = find(name);
  expect([tensors.length, sum(tensors), sum(files)]).toEqual([count, tensorBytes, fileBytes]);
});

test("files are the standard checkpoint's, all of them", () => {
  expect(find("gemma-2b").files).toEqual([
    { path: "model-00001-of-00002.safetensors", bytes: 4_945_242_264 },
    { path: "model-00002-of-00002.safetensors", bytes: 67_121_608 },
  ]);
  expect(find("bloom").files).toHaveLength(72);
  expect(find("minilm").files).toEqual([{ path: "model.safetensors", bytes: 90_868_376 }]);
});

// How these layouts were checked: the size of the real file is that of the tensors and of the header that names them.
test.each(recorded.filter(({ verifiedBy }) => verifiedBy === null || verifiedBy.endsWith("to the byte")))(
  "$id is as large as its file, to the byte",
  ({ tensors, realFileBytes }) => {
    expect(countFileBytes(tensors)).toBe(realFileBytes?.["model.safetensors"]);
  },
);

test("a model is found by id or alias, in any case", () => {
  const gemma = find("google/gemma-2b");
  expect(gemma).toMatchObject({ id: "google/gemma-2b", publishedTotal: null });
  expect(gemma.config).toMatchObject({ model_type: "gemma", architectures: ["GemmaForCausalLM"] });
  expect(find("GEMMA-2b")).toEqual(gemma);
  expect(find("bert").publishedTotal).toBe(110_106_428);
});

test.each(["__proto__", "constructor", "", "null", "gemma", "google/gemma-3-1b", 'google/gemma-2b","x":"'])(
  "%j is not found",
  (name) => {
    expect(findCatalogModel(name)).toBeNull();
  },
);

test.each([
  ["a model whose layout was never checked", "deepseek-ai/DeepSeek-V3"],
  ["one that is stored packed, and recorded unpacked", "moonshotai/Kimi-K2.5"],
  ["one without a recorded dtype", "ibm-granite/granite-4.0-h-tiny"],
  ["a copy", "Xenova/all-MiniLM-L6-v2"],
])("%s is left out: %s", (_what, id) => {
  expect(findCatalogModel(id)).toBeNull();
});

test("the list has every recorded model, and its parameters", () => {
  expect(listCatalog().map(({ id, parameters }) => [id, parameters])).toEqual(
    recorded.map(({ id, parameters }) => [id, parameters]),
  );
  expect(listCatalog().find(({ id }) => id === "google/gemma-2b")).toEqual({
    id: "google/gemma-2b",
    aliases: ["gemma-2b"],
    modelType: "gemma",
    parameters: 2_506_172_416,
  });
});

// Read by the key/value cache, the roles, the active parameters or a scheme.
const NEEDED_KEYS = `model_type architectures torch_dtype dtype quantization_config quant_method
  text_config vision_config vocab_size hidden_size d_model n_embd n_embed dim intermediate_size d_ff
  num_hidden_layers n_layer n_layers num_layers encoder_layers decoder_layers layer_types is_encoder_decoder
  num_attention_heads n_head n_heads num_heads num_key_value_heads head_dim global_head_dim d_kv num_kv_shared_layers
  kv_lora_rank qk_rope_head_dim qk_nope_head_dim v_head_dim sliding_window sliding_window_pattern
  use_sliding_window max_window_layers max_position_embeddings n_positions max_target_positions
  max_source_positions rope_scaling rope_type type factor tie_word_embeddings
  num_experts num_local_experts n_routed_experts n_shared_experts num_experts_per_tok experts_per_token
  moe_intermediate_size`.split(/\s+/);

test.each(recorded)("$id keeps what a size may depend on", ({ id, config }) => {
  expect(JSON.stringify(find(id).config, NEEDED_KEYS)).toBe(JSON.stringify(config, NEEDED_KEYS));
});

test("a config keeps what the estimate of training reads, and no token id or label", () => {
  expect(find("gpt2").config).toMatchObject({ resid_pdrop: 0.1, activation_function: "gelu_new" });
  expect(readFileSync(CATALOG, "utf8")).not.toMatch(/_token_id|2label|"transformers_version"/);
});
