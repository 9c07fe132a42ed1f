/** The caches and states that llama.cpp reserves for a GGUF file, layer by layer. */
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { KvCacheLayer, KvCacheLayers } from "../kv-cache.ts";
import { findLlamaCppArchitecture, type LlamaCppArchitecture } from "./architectures.ts";
import { createWordReader, type WordReader } from "./word-reader.ts";

/** LLAMA_MAX_LAYERS of ggml-org/llama.cpp, src/llama-hparams.h. */
export const MAX_LAYERS = 1_024;

/** The list of GLM-5.2, which its files need not state: two layers with indexers, then one of every four. */
const hasGlmIndexer = (layer: number): boolean => layer < 2 || (layer - 2) % 4 === 0;
/** zai-org/GLM-5.2; the context of GLM-5 is shorter, and all of its layers have indexers. */
const GLM_5_2_CONTEXT = 1_048_576;

export interface GgufLayerOptions {
  /** Without flash attention, values are kept transposed, in rows as wide as the widest layer's. */
  readonly flashAttention: boolean;
}

/** Infer what each layer keeps from the metadata below the name of the architecture. */
export function inferGgufLayers(
  name: string,
  words: JsonObject,
  { flashAttention }: GgufLayerOptions,
): KvCacheLayers | Unknown {
  const architecture = findLlamaCppArchitecture(name);
  if (architecture === null) return unknown(`the GGUF architecture ${name} is not known`);
  if (architecture.unknownKvCache !== undefined) return unknown(architecture.unknownKvCache);
  if (architecture.isEncoder) return { layers: [], headSizes: new Set(), engine: "llama.cpp" };
  const reader = createWordReader(words);
  const blocks = reader.count("block_count");
  // Nanbeige runs its layers several times, with a cache for each time.
  const loops = name === "nanbeige" ? reader.count("num_loops", 1) : 1;
  if (blocks * loops > MAX_LAYERS) return unknown(`${blocks * loops} layers are more than any model has`);
  if (blocks === 0) return unknown("the file describes no layers");
  const layers = Number.isNaN(blocks) ? [] : buildLayers(reader, architecture, { blocks, flashAttention });
  if (isUnknown(layers)) return layers;
  if (reader.missing.size > 0)
    return unknown(`the GGUF metadata gives no usable ${[...reader.missing].join(", ")}`);
  const all = Array.from({ length: loops }, () => layers).flat();
  if (!all.every(({ layer }) => isExact(layer))) return unknown("the GGUF metadata gives sizes beyond 2^53");
  return {
    layers: all.map(({ layer }) => layer),
    headSizes: new Set(all.flatMap(({ headSizes }) => headSizes)),
    engine: "llama.cpp",
  };
}

interface SizedLayer {
  readonly layer: KvCacheLayer;
  readonly headSizes: readonly number[];
}

function isExact(layer: KvCacheLayer): boolean {
  return Object.values(layer).every((value) => typeof value !== "number" || Number.isSafeInteger(value));
}

function buildLayers(
  reader: WordReader,
  architecture: LlamaCppArchitecture,
  { blocks, flashAttention }: { blocks: number; flashAttention: boolean },
): SizedLayer[] | Unknown {
  // Layers that predict several tokens at once come last, and are not kept for: zai-org/GLM-4.5.
  const drafting = reader.count("nextn_predict_layers", 0);
  const ownBlocks = drafting < blocks ? blocks - drafting : blocks;
  const windows = readWindows(reader, architecture, ownBlocks);
  if (isUnknown(windows)) return windows;
  const heads = (layer: number) => readHeads(reader, layer, windows.isWindow(layer));
  const widest = flashAttention ? 0 : Math.max(...range(blocks).map((layer) => heads(layer).values));
  const withKv = architecture.layersWithKv ?? blocks - reader.count("attention.shared_kv_layers", 0);

  const layers = range(ownBlocks).flatMap((layer): SizedLayer[] => {
    const { keys, values, sizes } = heads(layer);
    const kind = readKind(reader, architecture, layer);
    const state = kind.state ? [buildState(reader)] : [];
    if (!kind.attention) return kind.state ? state : [{ layer: { kind: "none" }, headSizes: [] }];
    if (layer >= withKv)
      return [{ layer: { kind: "shared", isWindow: windows.isWindow(layer) }, headSizes: [] }, ...state];
    const indexElements = hasIndexer(reader, architecture, layer)
      ? countIndexElements(reader, architecture)
      : 0;
    if (isMla(reader, architecture))
      return [{ layer: buildLatents(reader, keys, indexElements), headSizes: sizes.slice(0, 1) }, ...state];
    const elements = keys + Math.max(values, widest) + indexElements;
    const attention: KvCacheLayer = windows.isWindow(layer)
      ? { kind: "slidingWindow", elements, windowTokens: windows.tokens }
      : { kind: "full", elements };
    return [{ layer: attention, headSizes: elements > 0 ? sizes : [] }, ...state];
  });
  const router = architecture.routerLayers ? [buildRouter(reader)] : [];
  return [...layers, ...router];
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** The sizes of one head, by default the model's width divided by the heads of its first layer. */
function readHeads(reader: WordReader, layer: number, isWindow: boolean) {
  const first = reader.countAt("attention.head_count", 0);
  const plain = first === 0 ? 0 : Math.floor(reader.count("embedding_length") / first);
  const sizes = (["key", "value"] as const).map((part) => {
    const size = first === 0 ? 0 : reader.count(`attention.${part}_length`, plain);
    return isWindow ? reader.count(`attention.${part}_length_swa`, size) : size;
  });
  const heads = reader.countAt(
    "attention.head_count_kv",
    layer,
    reader.countAt("attention.head_count", layer),
  );
  const [key = 0, value = 0] = sizes;
  return { keys: key * heads, values: value * heads, sizes };
}

/** Whether a layer attends to earlier tokens, and whether it keeps a state. */
function readKind(
  reader: WordReader,
  { states }: LlamaCppArchitecture,
  layer: number,
): { attention: boolean; state: boolean } {
  if (states === undefined) return { attention: true, state: false };
  if (states === "all") return { attention: false, state: true };
  if (states === "withAttention") return { attention: true, state: true };
  if (typeof states === "object") {
    const every = reader.count("full_attention_interval", states.exceptEvery);
    const byRule = (layer + 1) % every === 0 ? 0 : 1;
    const state = reader.countAt("attention.recurrent_layers", layer, byRule) !== 0;
    return { attention: !state, state };
  }
  const isHeadless = reader.countAt("attention.head_count_kv", layer) === 0;
  // nvidia/Nemotron-H-8B-Base-8K: a layer is one of attention, state and feed-forward network.
  if (states === "headlessAndFeedless" && reader.countAt("feed_forward_length", layer) !== 0)
    return { attention: false, state: false };
  return { attention: !isHeadless, state: isHeadless };
}

/** `n_embd_r` and `n_embd_s` of src/llama-hparams.cpp, in 32 bits. */
function buildState(reader: WordReader): SizedLayer {
  return {
    layer: { kind: "ssm", halfElements: 0, floatElements: countInputs(reader) + countStates(reader) },
    headSizes: [],
  };
}

/** The last inputs of a convolution, without the current one. */
function countInputs(reader: WordReader): number {
  const width = reader.count("embedding_length");
  if (reader.has("wkv.head_size")) return reader.count("token_shift_count", 2) * width;
  if (reader.has("shortconv.l_cache")) return width * (reader.count("shortconv.l_cache") - 1);
  if (reader.has("kda.head_dim"))
    return (
      3 *
      (reader.count("ssm.conv_kernel") - 1) *
      reader.countAt("attention.head_count", 0) *
      reader.count("kda.head_dim")
    );
  if (!reader.has("ssm.conv_kernel")) return 0;
  const channels =
    reader.count("ssm.inner_size") + 2 * reader.count("ssm.group_count", 0) * reader.count("ssm.state_size");
  return (reader.count("ssm.conv_kernel") - 1) * channels;
}

function countStates(reader: WordReader): number {
  if (reader.has("wkv.head_size")) return reader.count("embedding_length") * reader.count("wkv.head_size");
  if (reader.has("shortconv.l_cache")) return 0;
  const heads = reader.countAt("attention.head_count", 0);
  if (reader.has("kda.head_dim")) return reader.count("kda.head_dim") ** 2 * heads;
  // MiniMaxAI/MiniMax-Text-01 keeps no inputs of a convolution, and a state as large as its heads.
  if (!reader.has("ssm.conv_kernel")) return reader.count("attention.key_length") ** 2 * heads;
  return reader.count("ssm.state_size") * reader.count("ssm.inner_size");
}

interface Windows {
  readonly tokens: number;
  isWindow(layer: number): boolean;
}

const NO_WINDOWS: Windows = { tokens: 0, isWindow: () => false };

function readWindows(
  reader: WordReader,
  architecture: LlamaCppArchitecture,
  blocks: number,
): Windows | Unknown {
  const { window } = architecture;
  if (window === undefined || (window.layers !== undefined && window.layers !== blocks)) return NO_WINDOWS;
  const otherwise = window.tokens === undefined ? (window.fixedTokens ?? undefined) : (window.tokens ?? 0);
  const stated = reader.count("attention.sliding_window", otherwise);
  if (stated === 0) return NO_WINDOWS;
  const tokens = window.fixedTokens ?? stated;
  const { every, isFirstFull } = window;
  if (every === "attention")
    return { tokens, isWindow: (layer) => reader.countAt("attention.head_count_kv", layer) !== 0 };
  const key = "attention.sliding_window_pattern";
  if (reader.isList(key)) return { tokens, isWindow: (layer) => reader.countAt(key, layer) !== 0 };
  if (every === "listed") return unknown(`the GGUF metadata gives no usable ${key}`);
  const interval = reader.count(key, every);
  if (interval === 0) return { tokens, isWindow: () => true };
  return {
    tokens,
    isWindow: (layer) => (isFirstFull ? layer % interval !== 0 : (layer + 1) % interval !== 0),
  };
}

function isMla(reader: WordReader, { mla }: LlamaCppArchitecture): boolean {
  return mla === true && reader.has("attention.key_length_mla") && reader.has("attention.value_length_mla");
}

/** deepseek-ai/DeepSeek-V2-Lite: one vector of 512 + 64 elements, and no values. */
function buildLatents(reader: WordReader, keys: number, indexElements: number): KvCacheLayer {
  const expanded = reader.count("attention.key_length_mla") + reader.count("attention.value_length_mla");
  return {
    kind: "mla",
    elements: keys,
    indexElements,
    expandedElements: reader.countAt("attention.head_count", 0) * expanded,
  };
}

function hasIndexer(reader: WordReader, { indexer }: LlamaCppArchitecture, layer: number): boolean {
  if (indexer === undefined) return false;
  if (indexer === "all") return true;
  if (indexer === "afterDense") return layer >= reader.count("leading_dense_block_count", 0);
  if (indexer === "listed" && reader.count("attention.indexer.top_k", 0) === 0) return false;
  const isOlder = indexer === "glm" && reader.count("context_length") < GLM_5_2_CONTEXT;
  const byRule = indexer === "glm" && (isOlder || hasGlmIndexer(layer)) ? 1 : 0;
  return reader.countAt("attention.indexer.types", layer, byRule) !== 0;
}

/** One key per token; MiniMaxAI/MiniMax-M3 keeps a value with it. */
function countIndexElements(reader: WordReader, { mla }: LlamaCppArchitecture): number {
  const key = reader.count("attention.indexer.key_length");
  return mla ? key : key + reader.count("attention.value_length");
}

/** A layer that picks adapters, with one key-value head. */
function buildRouter(reader: WordReader): SizedLayer {
  const elements = reader.count("attention.key_length") + reader.count("attention.value_length");
  return { layer: { kind: "full", elements }, headSizes: [] };
}
