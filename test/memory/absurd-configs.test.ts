import { expect, test } from "vitest";
import { computeKvCacheBytes } from "../../src/memory/kv-cache.ts";
import { inferKvCacheLayers } from "../../src/memory/kv-cache-layers.ts";
import { layersOrNull } from "./known-caches.ts";
import { buildConfig, parseConfig, type JsonObject } from "../../src/format/config.ts";
import { KINDS } from "./known-caches.ts";

/** The bytes of the cache; null where they are unknown, or beyond counting. */
function measure(config: JsonObject): number | null {
  const layers = layersOrNull(buildConfig(config));
  try {
    return layers && computeKvCacheBytes(layers, { tokens: 100_000 });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const ABSURD = [0, -1, 1.5, "8", Number.NaN, true, {}, [], "x", 1e300];

/** What is no absurdity: 0 and {} for none, and a switch that is on. */
const MEANT: ReadonlySet<string> = new Set([
  "index_head_dim 0",
  "indexer_types 0",
  "new_decoder_architecture true",
  "per_layer_config 0",
  "per_layer_config {}",
  "sliding_window 0",
  "text_config {}",
  "use_bidirectional_attention true",
]);

test.each(KINDS)("$modelType: no absurd value gives another number", ({ config }) => {
  const known = measure(config);
  const wrong = Object.keys(config).flatMap((key) =>
    ABSURD.flatMap((value) => {
      const found = measure({ ...config, [key]: value });
      const what = `${key} ${JSON.stringify(value)}`;
      return found === null || found === known || MEANT.has(what) ? [] : [what];
    }),
  );
  expect(wrong).toEqual([]);
});

const plain = { num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 64 };
const writes = { architectures: ["SomeForCausalLM"], ...plain };

test.each<[string, JsonObject, RegExp]>([
  ["no layers by name", { model_type: "llama", ...plain, layers_block_type: [] }, /no layers/],
  [
    "all layers sharing",
    { model_type: "gemma3n_text", ...plain, num_kv_shared_layers: 2 },
    /more layers that share/,
  ],
  [
    "more layers sharing than there are",
    { model_type: "gemma3n_text", ...plain, num_kv_shared_layers: 3 },
    /more layers that share/,
  ],
  [
    "an encoder where there is none",
    { model_type: "llama", ...plain, is_encoder_decoder: true },
    /encoder's output/,
  ],
  [
    "an encoder of a type that is not known",
    { model_type: "novel", ...writes, is_encoder_decoder: true },
    /encoder's output/,
  ],
  [
    "a decoder made from an encoder",
    {
      model_type: "encoder-decoder",
      architectures: ["EncoderDecoderModel"],
      is_encoder_decoder: true,
      decoder: { model_type: "bert", is_decoder: true, ...plain },
    },
    /made from an encoder/,
  ],
  [
    "an encoder that writes",
    {
      model_type: "bert-generation",
      architectures: ["BertGenerationDecoder"],
      ...plain,
      num_key_value_heads: null,
    },
    /num_key_value_heads/,
  ],
  [
    "a decoder of sound beside that of text",
    { model_type: "novel", ...writes, depth_decoder_config: { num_hidden_layers: 4 } },
    /depth_decoder_config/,
  ],
  ["a window of text", { model_type: "mistral", ...plain, sliding_window: "4096" }, /sliding_window/],
  ["no heads", { model_type: "llama", ...plain, num_key_value_heads: 0 }, /num_key_value_heads/],
])("%s: unknown", (_what, config, reason) => {
  expect(inferKvCacheLayers(buildConfig(config))).toEqual({
    isUnknown: true,
    reason: expect.stringMatching(reason),
  });
});

test("google/paligemma-3b-pt-224 sees its prompt both ways, and writes", () => {
  const config = {
    model_type: "paligemma",
    architectures: ["PaliGemmaForConditionalGeneration"],
    text_config: {
      model_type: "gemma",
      num_hidden_layers: 18,
      num_attention_heads: 8,
      num_key_value_heads: 1,
      use_bidirectional_attention: true,
    },
  };
  expect(measure(config)).toBe(18_432 * 100_000);
});

test("NaN, which Python writes, is no number of heads, and not none either", () => {
  const config = parseConfig(
    JSON.stringify({ model_type: "llama", ...plain, num_key_value_heads: 0 }).replace(":0", ":NaN"),
  );
  expect(layersOrNull(config)).toBeNull();
});

test("google-t5/t5-small has an encoder even where its config does not say so", () => {
  const config = { model_type: "t5", num_layers: 6, num_heads: 8, d_kv: 64 };
  expect(measure(config)).toBe(measure({ ...config, is_encoder_decoder: true }));
  expect(measure(config)).toBe(2 * 6 * 2 * 512 * 2 * 100_000);
});
