import { expect, test } from "vitest";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { findLlamaCppArchitecture } from "../../../src/memory/llama-cpp/architectures.ts";
import { inferGgufLayers } from "../../../src/memory/llama-cpp/layers.ts";
import { computeKvCacheBytes } from "../../../src/memory/kv-cache.ts";
import { MEASURED } from "./measured.ts";

const MIB = 2 ** 20;

/** Bytes of a cache of 16 bits at 8,192 tokens; the reason where it is unknown. */
function measure(architecture: string, words: object, flashAttention = true): number | string {
  const kvCache = inferGgufLayers(architecture, { ...words }, { flashAttention });
  if (isUnknown(kvCache)) return kvCache.reason;
  return computeKvCacheBytes(kvCache.layers, { tokens: 8192, kvDtype: "fp16", engine: kvCache.engine });
}

test("the caches and states that llama.cpp itself prints", () => {
  for (const { words, architecture, run, keptMiB } of MEASURED) {
    const kvCache = inferGgufLayers(architecture, words, run);
    if (isUnknown(kvCache)) throw new Error(`${architecture}: ${kvCache.reason}`);
    // Several sequences share the context.
    const request = { tokens: run.context / run.sequences, batch: run.sequences, engine: kvCache.engine };
    const { kvDtype, ubatch } = run;
    const bytes = computeKvCacheBytes(kvCache.layers, { ...request, kvDtype, ubatch });
    const printed = keptMiB.reduce((sum, mebibytes) => sum + mebibytes, 0);
    // It prints two digits of each of its caches.
    expect(Math.abs(bytes / MIB - printed), `${architecture} ${JSON.stringify(run)}`).toBeLessThan(
      0.0051 * Math.max(1, keptMiB.length),
    );
  }
});

test("at least a dozen architectures were measured", () => {
  expect(new Set(MEASURED.map(({ architecture }) => architecture)).size).toBeGreaterThanOrEqual(12);
});

const words = (layers: number, width: number, heads: number | number[], kvHeads: number | number[]) => ({
  block_count: layers,
  embedding_length: width,
  "attention.head_count": heads,
  "attention.head_count_kv": kvHeads,
});
const lengths = (key: number, value: number) => ({
  "attention.key_length": key,
  "attention.value_length": value,
});
const PLAIN = words(32, 4096, 32, 8);
const TOKENS = 2 * 8192; // bytes of one element at all tokens

test.each<[string, string, object, number | RegExp]>([
  ["heads of 4,096 / 32 where no size is stated", "llama", PLAIN, 32 * 8 * 256 * TOKENS],
  [
    "as many key-value heads as heads",
    "llama",
    { ...PLAIN, "attention.head_count_kv": undefined },
    32 * 32 * 256 * TOKENS,
  ],
  ["tiiuae/falcon-40b", "falcon", words(60, 8192, 128, 8), 60 * 8 * 128 * TOKENS],
  [
    "no window of microsoft/Phi-3-mini-4k-instruct",
    "phi3",
    { ...words(32, 3072, 32, 32), "attention.sliding_window": 2047 },
    32 * 3072 * 2 * TOKENS,
  ],
  [
    "all heads of openbmb/MiniCPM3-4B",
    "minicpm3",
    { ...words(62, 2560, 40, 40), ...lengths(96, 64), "attention.kv_lora_rank": 256 },
    62 * 40 * 160 * TOKENS,
  ],
  [
    "files of DeepSeek V2 before llama.cpp kept latents",
    "deepseek2",
    { ...words(27, 2048, 16, 16), ...lengths(192, 128) },
    27 * 16 * 320 * TOKENS,
  ],
  [
    "no cache for layers that draft",
    "glm4moe",
    { ...words(47, 4096, 96, 8), ...lengths(128, 128), nextn_predict_layers: 1 },
    46 * 8 * 256 * TOKENS,
  ],
  [
    "windows of 1,024 tokens and a batch of 512",
    "gemma3",
    { ...words(6, 2560, 8, 4), ...lengths(256, 256), "attention.sliding_window": 1024 },
    2048 * (5 * 1536 + 8192) * 2,
  ],
  [
    "no window in a Gemma 3 that states none",
    "gemma3",
    { ...words(6, 2560, 8, 4), ...lengths(256, 256) },
    6 * 2048 * TOKENS,
  ],
  [
    "a window for LGAI-EXAONE/EXAONE-4.0-32B alone",
    "exaone4",
    { ...words(30, 2048, 32, 8), "attention.sliding_window": 4096 },
    30 * 1024 * TOKENS,
  ],
  [
    "a pattern stated as a number",
    "olmo2",
    { ...words(4, 4096, 32, 32), "attention.sliding_window": 512, "attention.sliding_window_pattern": 2 },
    8192 * (2 * 1024 + 2 * 8192) * 2,
  ],
  [
    "the indexer of deepseek-ai/DeepSeek-V3.2",
    "deepseek32",
    {
      ...words(61, 7168, 128, 1),
      ...lengths(576, 512),
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
      "attention.indexer.key_length": 128,
    },
    61 * 704 * TOKENS,
  ],
  ["loops of Nanbeige", "nanbeige", { ...words(4, 1024, 8, 8), num_loops: 2 }, 8 * 2048 * TOKENS],
  [
    "the name that Ollama writes",
    "gptoss",
    { ...words(2, 2880, 64, 8), ...lengths(64, 64), "attention.sliding_window": 128 },
    1024 * (768 + 8192) * 2,
  ],
  ["an encoder", "bert", words(12, 768, 12, 12), 0],
  [
    "an architecture that llama.cpp does not have",
    "persimmon",
    PLAIN,
    /GGUF architecture persimmon is not known/,
  ],
  ["a window that must be stated", "gpt-oss", PLAIN, /attention\.sliding_window/],
  [
    "windows that must be listed",
    "gemma4",
    { ...PLAIN, "attention.sliding_window": 512 },
    /sliding_window_pattern/,
  ],
  ["a list that is too short", "deci", words(4, 4096, [32, 0], [8, 0]), /attention\.head_count/],
  ["a count that is not one", "llama", { ...PLAIN, block_count: "many" }, /block_count/],
  ["no layers", "llama", { ...PLAIN, block_count: 0 }, /no layers/],
  ["more layers than llama.cpp allows", "llama", { ...PLAIN, block_count: 1e6 }, /1000000 layers/],
  ["sizes beyond 2^53", "llama", { ...PLAIN, "attention.key_length": 2 ** 52 }, /2\^53/],
])("%s", (_what, architecture, given, expected) => {
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (typeof expected === "number") expect(measure(architecture, defined)).toBe(expected);
  else expect(measure(architecture, defined)).toMatch(expected);
});

test("without flash attention the values of all layers are as wide as the widest", () => {
  const given = { ...words(2, 4096, 32, [8, 4]), ...lengths(128, 128) };
  expect(measure("openelm", given)).toBe(2 * (8 + 4) * 128 * TOKENS);
  expect(measure("openelm", given, false)).toBe((8 + 4 + 8 + 8) * 128 * TOKENS);
});

test("inherited names are no architectures", () => {
  expect(findLlamaCppArchitecture("constructor")).toBeNull();
});
