import fc from "fast-check";
import { expect, test } from "vitest";
import { computeKvCacheBytes, type KvCacheLayer } from "../../src/memory/kv-cache.ts";
import { isUnknown } from "../../src/contract/unknown.ts";
import { inferKvCacheLayers } from "../../src/memory/kv-cache-layers.ts";
import { buildConfig, type JsonObject } from "../../src/format/config.ts";
import { configOf, KINDS, layersOf, PUBLISHED, layersOrNull } from "./known-caches.ts";

test.each(PUBLISHED)(
  "$id holds what transformers holds after $tokens tokens",
  ({ config, tokens, bytes }) => {
    expect(computeKvCacheBytes(layersOf(config), { tokens, engine: "transformers" })).toBe(bytes);
  },
);

/** Kinds that are left unknown rather than guessed. */
const UNKNOWN_KINDS = new Set([
  "cpmant", // tokens of a prompt of its own
  "deepseek_v4", // windows, compressed blocks and their buffers
  "glm4_moe", // its default head size is no integer; published models write head_dim
  "hrm_text", // layers run in cycles
  "inkling_text", // four convolutions a layer
  "minimax_m3_vl_text", // an index of blocks
  "zaya", // a convolution within attention
]);

test.each(KINDS.filter(({ modelType }) => !UNKNOWN_KINDS.has(modelType)))(
  "$modelType holds what transformers holds",
  ({ config, tokens, bytes }) => {
    expect(computeKvCacheBytes(layersOf(config), { tokens, engine: "transformers" })).toBe(bytes);
  },
);

test.each(KINDS.filter(({ modelType }) => UNKNOWN_KINDS.has(modelType)))(
  "$modelType is unknown",
  ({ config }) => {
    expect(layersOrNull(buildConfig(config))).toBeNull();
  },
);

/** Types whose first models were published before configs listed their layers. */
const OLDER_TYPES = new Set(
  `afmoe cohere2 exaone4 gemma2 gemma3_text gemma3n_text gemma4_text gpt_oss granitemoehybrid lfm2 llama4_text
  mimo_v2_flash minimax olmo3 olmo_hybrid qwen2 qwen3 qwen3_5_text qwen3_5_moe_text qwen3_next smollm3 vaultgemma`.split(
    /\s+/,
  ),
);

test.each(KINDS.filter(({ modelType }) => OLDER_TYPES.has(modelType)))(
  "$modelType is the same from an older config that does not list its layers",
  ({ config, tokens, bytes }) => {
    const { layer_types: listed, ...older } = config;
    expect(listed).toBeInstanceOf(Array);
    expect(computeKvCacheBytes(layersOf(older), { tokens, engine: "transformers" })).toBe(bytes);
  },
);

const decoder = (config: JsonObject): JsonObject => ({ architectures: ["SomeForCausalLM"], ...config });

const LATENT = { kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128 };

// Bytes a token of models whose configs are short enough to be written out.
test.each<[string, number, JsonObject]>([
  [
    "tiiuae/falcon-7b",
    8_192,
    {
      model_type: "falcon",
      num_hidden_layers: 32,
      hidden_size: 4544,
      num_attention_heads: 71,
      multi_query: true,
      new_decoder_architecture: false,
    },
  ],
  [
    "tiiuae/falcon-40b",
    122_880,
    {
      model_type: "falcon",
      num_hidden_layers: 60,
      hidden_size: 8192,
      num_attention_heads: 128,
      num_kv_heads: 8,
      new_decoder_architecture: true,
    },
  ],
  [
    "tiiuae/falcon-rw-1b",
    196_608,
    {
      model_type: "falcon",
      num_hidden_layers: 24,
      hidden_size: 2048,
      num_attention_heads: 32,
      multi_query: false,
      new_decoder_architecture: false,
    },
  ],
  [
    "tiiuae/falcon-40b, first config",
    122_880,
    { model_type: "RefinedWeb", n_layer: 60, hidden_size: 8192, n_head: 128, n_head_kv: 8 },
  ],
  [
    "bigcode/starcoder",
    20_480,
    { model_type: "gpt_bigcode", n_layer: 40, n_embd: 6144, n_head: 48, multi_query: true },
  ],
  [
    "bigcode/santacoder",
    12_288,
    { model_type: "gpt2", n_layer: 24, n_embd: 2048, n_head: 16, attention_head_type: "multiquery" },
  ],
  [
    "zai-org/chatglm3-6b",
    28_672,
    {
      model_type: "chatglm",
      num_layers: 28,
      hidden_size: 4096,
      num_attention_heads: 32,
      kv_channels: 128,
      multi_query_attention: true,
      multi_query_group_num: 2,
    },
  ],
  [
    "zai-org/chatglm-6b",
    458_752,
    { model_type: "chatglm", num_layers: 28, hidden_size: 4096, num_attention_heads: 32 },
  ],
  [
    "mosaicml/mpt-7b",
    524_288,
    {
      model_type: "mpt",
      n_layers: 32,
      d_model: 4096,
      n_heads: 32,
      attn_config: { attn_type: "multihead_attention" },
    },
  ],
  [
    "databricks/dbrx-base",
    163_840,
    { model_type: "dbrx", n_layers: 40, d_model: 6144, n_heads: 48, attn_config: { kv_n_heads: 8 } },
  ],
  ["EleutherAI/gpt-j-6b", 458_752, { model_type: "gptj", n_layer: 28, n_embd: 4096, n_head: 16 }],
  [
    "EleutherAI/gpt-neox-20b",
    1_081_344,
    { model_type: "gpt_neox", num_hidden_layers: 44, hidden_size: 6144, num_attention_heads: 64 },
  ],
  [
    "facebook/opt-125m",
    36_864,
    { model_type: "opt", num_hidden_layers: 12, hidden_size: 768, num_attention_heads: 12 },
  ],
  [
    "Qwen/Qwen-7B",
    524_288,
    {
      model_type: "qwen",
      num_hidden_layers: 32,
      hidden_size: 4096,
      num_attention_heads: 32,
      kv_channels: 128,
    },
  ],
  [
    "microsoft/Phi-3-small-8k-instruct",
    131_072,
    {
      model_type: "phi3small",
      num_hidden_layers: 32,
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      dense_attention_every_n_layers: 2,
    },
  ],
  [
    "apple/OpenELM-270M",
    16_128,
    {
      model_type: "openelm",
      num_transformer_layers: 16,
      head_dim: 64,
      num_kv_heads: [3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5],
    },
  ],
  [
    "MiniMaxAI/MiniMax-M2",
    253_952,
    {
      model_type: "minimax_m2",
      num_hidden_layers: 62,
      head_dim: 128,
      num_key_value_heads: 8,
      attn_type_list: Array.from({ length: 62 }, () => 1),
    },
  ],
  [
    "a model with attention in one of two blocks",
    4_096,
    {
      model_type: "nemotron-nas",
      num_hidden_layers: 2,
      hidden_size: 8192,
      num_attention_heads: 64,
      block_configs: [
        { attention: { n_heads_in_group: 8 } },
        { attention: { n_heads_in_group: null, no_op: true } },
      ],
    },
  ],
  [
    "meituan-longcat/LongCat-Flash-Lite, two attentions a layer",
    32_256,
    { model_type: "longcat_flash_ngram", num_layers: 14, num_attention_heads: 32, ...LATENT },
  ],
  [
    "meituan-longcat/LongCat-Flash-Chat as transformers 5 writes it",
    64_512,
    {
      model_type: "longcat_flash",
      num_layers: 28,
      num_hidden_layers: 56,
      num_attention_heads: 64,
      ...LATENT,
    },
  ],
  [
    "layers that share in pairs",
    8_192,
    {
      model_type: "hunyuan",
      num_hidden_layers: 4,
      hidden_size: 1024,
      num_attention_heads: 8,
      num_key_value_heads: 8,
      use_cla: true,
      cla_share_factor: 2,
    },
  ],
])("%s: %i bytes a token", (_model, bytes, config) => {
  expect(computeKvCacheBytes(layersOf(decoder(config)), { tokens: 1 })).toBe(bytes);
});

const count = (model: string | JsonObject): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of layersOf(model)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

test.each<[string, Record<string, number>]>([
  ["google/gemma-3-27b-it", { slidingWindow: 52, full: 10 }],
  ["google/gemma-4-31B-it", { slidingWindow: 50, full: 10 }],
  ["Qwen/Qwen3.5-27B", { ssm: 48, full: 16 }],
  ["Qwen/Qwen2.5-7B-Instruct", { full: 28 }], // it names a window and does not use it
  ["mistralai/Mistral-7B-v0.1", { slidingWindow: 32 }],
  ["deepseek-ai/DeepSeek-V3", { mla: 61 }],
  ["facebook/bart-base", { full: 6, cross: 6 }],
  ["openai/whisper-base", { full: 6, cross: 6 }],
])("%s has %j", (id, kinds) => {
  expect(count(id)).toEqual(kinds);
});

const windowed = (type: string, layers: number, config: JsonObject): JsonObject => ({
  model_type: type,
  num_hidden_layers: layers,
  hidden_size: 2048,
  num_attention_heads: 16,
  num_key_value_heads: 16,
  sliding_window: 4096,
  ...config,
});
const on = { use_sliding_window: true };
const slides = { layer_types: ["sliding_attention", "sliding_attention"] };

// huggingface/transformers 5.18, src/transformers/models/<type>/configuration_<type>.py.
test.each<[string, JsonObject, Record<string, number>]>([
  [
    "every other layer before 21",
    windowed("qwen2_moe", 24, { ...on, max_window_layers: 21 }),
    { slidingWindow: 11, full: 13 },
  ],
  ["all layers", windowed("qwen3_moe", 48, { ...on, max_window_layers: 28 }), { slidingWindow: 48 }],
  ["layers without positions", windowed("smollm3", 36, on), { slidingWindow: 9, full: 27 }],
  [
    "layers listed as such",
    windowed("smollm3", 4, { ...on, no_rope_layers: [0, 1, 1, 0] }),
    { slidingWindow: 2, full: 2 },
  ],
  ["layers from 30 on", windowed("dots1", 62, { max_window_layers: 30 }), { slidingWindow: 32, full: 30 }],
  ["no layer of dots1's 62", windowed("dots1", 62, on), { full: 62 }],
  ["all but each sixth and the last", windowed("gemma4", 16, {}), { slidingWindow: 13, full: 3 }],
  ["all but the last, though it is listed", windowed("gemma4", 2, slides), { slidingWindow: 1, full: 1 }],
])("a window in %s: %j", (_what, config, kinds) => {
  expect(count(config)).toEqual(kinds);
});

test("google/gemma-3n-E2B-it: 10 of 30 layers read the caches of others", () => {
  const config = {
    text_config: { model_type: "gemma3n_text", num_hidden_layers: 30, num_kv_shared_layers: 10 },
  };
  expect(count({ model_type: "gemma3n", ...config })).toEqual({ slidingWindow: 16, full: 4, shared: 10 });
});

test("meta-llama/Llama-3.2-11B-Vision: 8 of 40 layers see an image of 4 tiles and nothing else", () => {
  const vision = { image_size: 560, patch_size: 14, max_num_tiles: 4 };
  const layers = layersOf({
    model_type: "mllama",
    text_config: { model_type: "mllama_text_model" },
    vision_config: vision,
  });
  const image: KvCacheLayer = { kind: "cross", elements: 2 * 8 * 128, encoderTokens: 4 * 1601 };
  expect(layers.filter(({ kind }) => kind === "cross")).toEqual(Array.from({ length: 8 }, () => image));
  expect(layers.filter(({ kind }) => kind === "full")).toHaveLength(32);
});

test("zai-org/GLM-5: an indexer's key beside the latent vector, unless a layer uses an earlier one's", () => {
  const glm5 = {
    model_type: "glm_moe_dsa",
    num_hidden_layers: 78,
    num_attention_heads: 64,
    kv_lora_rank: 512,
    qk_rope_head_dim: 64,
    qk_nope_head_dim: 192,
    v_head_dim: 256,
    index_head_dim: 128,
  };
  const indexed = (config: JsonObject): number =>
    layersOf(config).filter((layer) => layer.kind === "mla" && layer.indexElements === 128).length;
  expect(indexed(glm5)).toBe(78);
  expect(
    indexed({
      ...glm5,
      indexer_types: Array.from({ length: 78 }, (_, layer) => (layer % 2 ? "shared" : "full")),
    }),
  ).toBe(39);
  expect(indexed({ ...glm5, index_topk_pattern: "F".repeat(8) + "S".repeat(70) })).toBe(8);
});

test.each([
  "google-bert/bert-base-uncased",
  "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
  "sentence-transformers/all-MiniLM-L6-v2",
  "openai/clip-vit-large-patch14",
])("%s takes in a text at once and keeps nothing", (id) => {
  expect(layersOf(id)).toEqual([]);
});

test.each<[string, JsonObject]>([
  ["a text encoder taken from T5", { model_type: "t5", architectures: ["T5EncoderModel"], num_layers: 24 }],
  ["a reward model", { model_type: "llama", architectures: ["LlamaForSequenceClassification"] }],
  [
    "google/embeddinggemma-300m",
    { model_type: "gemma3_text", architectures: ["Gemma3TextModel"], use_bidirectional_attention: true },
  ],
])("%s keeps nothing", (_what, config) => {
  expect(layersOf(config)).toEqual([]);
});

const manyHeads = { num_attention_heads: 2 ** 32, num_key_value_heads: 2 ** 32, head_dim: 2 ** 32 };
const plain = { num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 64 };

test.each<[string, JsonObject, RegExp]>([
  ["nothing at all", {}, /no model type/],
  [
    "a type and an architecture that are not known",
    { model_type: "novel", architectures: ["NovelModel"], ...plain },
    /novel is not known/,
  ],
  ["a mechanism that is not known", decoder({ model_type: "novel", ...plain, ssm_cfg: { d: 1 } }), /ssm_cfg/],
  ["inclusionAI/Ring-mini-linear-2.0", decoder({ model_type: "bailing_moe_linear", ...plain }), /linear/],
  [
    "what an architecture hints at",
    decoder({ model_type: "novel", ...plain, architectures: ["RWKV6Qwen2ForCausalLM"] }),
    /RWKV6/,
  ],
  [
    "a decoder taken from behind an encoder",
    { model_type: "gpt2", n_embd: 64, n_head: 4, n_layer: 2, add_cross_attention: true },
    /another model's output/,
  ],
  ["groups of layers", decoder({ model_type: "novel", ...plain, layer_group_size: 8 }), /layer_group_size/],
  ["ByteDance/Ouro-1.4B", decoder({ model_type: "ouro", ...plain, total_ut_steps: 4 }), /total_ut_steps/],
  ["layers run in a loop", decoder({ model_type: "novel", ...plain, loop_num: 2 }), /loop_num/],
  [
    "Qwen/Qwen3-Omni-30B-A3B-Instruct, which speaks",
    {
      model_type: "qwen3_omni_moe",
      thinker_config: { text_config: { model_type: "llama", ...plain } },
      talker_config: { text_config: plain },
    },
    /talker/,
  ],
  [
    "a kind of layer that is not known",
    decoder({ model_type: "novel", ...plain, layer_types: ["retention_attention", "full_attention"] }),
    /retention_attention/,
  ],
  [
    "a window in some layers",
    decoder({ model_type: "novel", ...plain, sliding_window: 512 }),
    /sliding window of 512/,
  ],
  [
    "heads under another name",
    decoder({ model_type: "novel", ...plain, num_key_value_heads: undefined }),
    /num_key_value_heads/,
  ],
  [
    "a state that is not known",
    decoder({ model_type: "novel", ...plain, layer_types: ["linear_attention", "full_attention"] }),
    /in addition to attention/,
  ],
  [
    "fewer layers than it counts",
    { model_type: "llama", ...plain, layer_types: ["full_attention"] },
    /fewer than its 2/,
  ],
  ["no number of layers", { model_type: "gpt2", n_embd: 64, n_head: 4 }, /num_decoder_layers/],
  ["heads that do not divide", { model_type: "llama", ...plain, hidden_size: 65 }, /head_dim/],
  [
    "a fraction of a head",
    { model_type: "llama", ...plain, num_key_value_heads: 1.5 },
    /num_key_value_heads/,
  ],
  ["a number as text", { model_type: "llama", ...plain, num_key_value_heads: "8" }, /num_key_value_heads/],
  ["a billion layers", { model_type: "llama", ...plain, num_hidden_layers: 1e9 }, /1000000000 layers/],
  ["sizes beyond 2^53", { model_type: "llama", ...plain, ...manyHeads }, /beyond 2\^53/],
  [
    "an image encoder of unknown length",
    { model_type: "vision-encoder-decoder", decoder: { model_type: "mbart", is_decoder: true } },
    /positions/,
  ],
])("%s is unknown", (_what, config, reason) => {
  expect(inferKvCacheLayers(configOf(config))).toEqual({
    isUnknown: true,
    reason: expect.stringMatching(reason),
  });
});

test("Qwen/Qwen3-Omni-30B-A3B-Thinking does not speak", () => {
  const thinker = { text_config: { model_type: "qwen3_omni_moe_text", ...plain } };
  const omni = {
    model_type: "qwen3_omni_moe",
    thinker_config: thinker,
    talker_config: {},
    enable_audio_output: false,
  };
  expect(layersOf(omni)).toHaveLength(2);
});

test("a type that is not known is read plainly where its config says everything", () => {
  const layer = { kind: "full", elements: 2 * 2 * 16 };
  expect(layersOf(decoder({ model_type: "novel", ...plain }))).toEqual([layer, layer]);
});

test("no config makes it throw, or gives a size that is not exact", () => {
  const keys = [...new Set(KINDS.flatMap(({ config }) => Object.keys(config)))];
  const types = KINDS.map(({ modelType }) => modelType);
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 53,
      "full",
      {},
      [],
      ["full_attention"],
      [1, 0],
      "M*-",
    ),
    fc.integer({ min: 1, max: 300 }),
  );
  const config = fc.tuple(
    fc.constantFrom(...types, "__proto__", "novel"),
    fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 20 }),
  );
  fc.assert(
    fc.property(config, fc.boolean(), ([modelType, values], generates) => {
      const architectures = generates ? ["SomeForCausalLM"] : ["SomeModel"];
      const kvCache = inferKvCacheLayers(buildConfig({ ...values, model_type: modelType, architectures }));
      if (!isUnknown(kvCache))
        expect(computeKvCacheBytes(kvCache.layers, { tokens: 1 })).toBeGreaterThanOrEqual(0);
      else expect(kvCache.reason).not.toBe("");
    }),
    { numRuns: 500 },
  );
});
