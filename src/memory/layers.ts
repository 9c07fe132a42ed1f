/** Will it run: what a model keeps in memory between tokens, layer by layer. */
import { isObject, type Config } from "../format/config.ts";
import {
  describeAttention,
  describeCrossAttention,
  describeImageAttention,
  describeWindow,
  listHeadSizes,
} from "./attention.ts";
import { classifyModel, isEncoderDecoder, isLongcatFlash } from "./decoders.ts";
import { collectFacts, factsOfLayer, type Facts } from "./facts.ts";
import { classifyLayers, type LayerKind } from "./layer-kinds.ts";
import { describeState, type State } from "./states.ts";

/** What one layer keeps; a layer of two kinds is two entries. Elements are those of one sequence. */
export type CacheLayer =
  /** Keys and values of every token. */
  | { readonly kind: "full"; readonly elements: number }
  /** Keys and values of the last tokens. */
  | { readonly kind: "window"; readonly elements: number; readonly windowTokens: number }
  /** A compressed vector of every token, perhaps with an indexer's key; or all heads' keys and values, if expanded. */
  | {
      readonly kind: "latent";
      readonly elements: number;
      readonly indexElements: number;
      readonly expandedElements: number;
    }
  /** A state of fixed size. */
  | ({ readonly kind: "state" } & State)
  /** Keys and values of every token of an encoder; null tokens: as many as the prompt has. */
  | { readonly kind: "cross"; readonly elements: number; readonly encoderTokens: number | null }
  /** The cache of an earlier layer: Gemma 3n. */
  | { readonly kind: "shared" }
  /** No cache at all. */
  | { readonly kind: "none" };

export type CacheLayers =
  | {
      readonly layers: readonly CacheLayer[];
      /** Elements of the keys and the values of one head, in all sizes that there are. */
      readonly headSizes: ReadonlySet<number>;
    }
  | { readonly layers: null; readonly reason: string };

const LAYER_COUNT = [
  "num_decoder_layers", // google/flan-t5-base
  "decoder_layers", // facebook/bart-base, whose num_hidden_layers counts the encoder's
  "num_hidden_layers",
  "n_layer", // openai-community/gpt2
  "n_layers", // mosaicml/mpt-7b
  "num_layers", // google-t5/t5-base
  "num_transformer_layers", // apple/OpenELM-270M
] as const;

/** No published model comes near it: meta-llama/Llama-3.1-405B has 126. */
const MAX_LAYERS = 1_000;

/** What each layer of the language model keeps; layers null, with the reason, where that is not known. */
export function describeCacheLayers(config: Config): CacheLayers {
  const facts = collectFacts(config);
  // Qwen/Qwen3-Omni-30B-A3B-Instruct: its talker keeps a fifth more, and writes codes, not tokens.
  if (isObject(config.root["talker_config"]) && config.root["enable_audio_output"] !== false)
    return unknown("what its talker keeps for speech is not known");
  const role = classifyModel(facts.modelType, config, isBidirectional(facts));
  if (role === "encoder") return { layers: [], headSizes: new Set() };
  if (role !== "decoder") return unknown(role.reason);
  if (facts.encoderDecoder && !isEncoderDecoder(facts.modelType))
    return unknown(`what ${facts.modelType} keeps of its encoder's output is not known`);

  // A GPT-2 that nlpconnect/vit-gpt2-image-captioning puts behind its encoder of images, taken out of it.
  if (facts.text["add_cross_attention"] === true && !facts.encoderDecoder)
    return unknown("what it keeps of another model's output is not known");

  const kindOf = classifyLayers(facts, config.architecture);
  if (typeof kindOf !== "function") return unknown(kindOf.reason);
  const layerCount = countLayers(facts);
  if (layerCount > MAX_LAYERS) return unknown(`${layerCount} layers are more than any model has`);
  if (layerCount === 0) return unknown("config.json describes no layers");

  const layers: CacheLayer[] = [];
  const attending: Facts[] = [];
  // google/gemma-3n-E2B-it: the last 10 of 30 layers read the caches of earlier ones.
  const ownLayers = layerCount - (facts.optional("num_kv_shared_layers") ?? 0);
  if (ownLayers < 1) return unknown("config.json has more layers that share a cache than layers");
  // tencent/Tencent-Hunyuan-Large: of every two layers the second reads the cache of the first.
  const sharing = facts.flag("use_cla", false) ? (facts.optional("cla_share_factor") ?? 1) : 1;
  for (let layer = 0; layer < layerCount; layer += 1) {
    const shares = layer >= ownLayers || layer % sharing !== 0;
    const kind = shares ? "shared" : kindOf(layer);
    if (kind === undefined) return unknown(`config.json describes fewer than its ${layerCount} layers`);
    const own = factsOfLayer(facts, layer);
    const parts = describeLayer(kind, own, layer);
    if (parts === null)
      return unknown(`what the layers of ${facts.modelType} keep beside attention is not known`);
    layers.push(...parts);
    if (parts.some((part) => HAS_HEADS.has(part.kind))) attending.push(own);
  }
  if (facts.missing.size > 0) return unknown(`config.json gives no usable ${[...facts.missing].join(", ")}`);
  if (!layers.every(isExact)) return unknown("config.json gives sizes beyond 2^53");
  return { layers, headSizes: new Set(attending.flatMap(listHeadSizes)) };
}

const HAS_HEADS: ReadonlySet<CacheLayer["kind"]> = new Set<CacheLayer["kind"]>(["full", "window", "cross"]);

function isExact(layer: CacheLayer): boolean {
  return Object.values(layer).every((value) => typeof value !== "number" || Number.isSafeInteger(value));
}

function unknown(reason: string): CacheLayers {
  return { layers: null, reason };
}

/** google/gemma-4-31B-it says "vision": images alone are seen both ways. */
function isBidirectional({ text }: Facts): boolean {
  return text["use_bidirectional_attention"] === true || text["use_bidirectional_attention"] === "all";
}

function countLayers(facts: Facts): number {
  // nvidia/Nemotron-H-8B-Base-8K: a name for each layer, which transformers 5 writes without their number.
  const named = facts.text["layers_block_type"];
  if (Array.isArray(named)) return named.length;
  // transformers 5 writes 28 as num_layers, and the attentions in them as num_hidden_layers.
  const own = isLongcatFlash(facts.modelType) ? facts.optional("num_layers") : null;
  return own ?? facts.count(...LAYER_COUNT);
}

function describeLayer(
  kind: LayerKind | "shared",
  facts: Facts,
  layer: number,
): readonly CacheLayer[] | null {
  const parts = describeOwn(kind, facts, layer);
  return parts && facts.encoderDecoder ? [...parts, describeCrossAttention(facts)] : parts;
}

function describeOwn(kind: LayerKind | "shared", facts: Facts, layer: number): readonly CacheLayer[] | null {
  if (kind === "none" || kind === "shared") return [{ kind }];
  if (kind === "window") return [describeWindow(facts)];
  if (kind === "image") return [describeImageAttention(facts)];
  if (kind === "state") {
    const state = describeState(facts);
    return state && [{ kind, ...state }];
  }
  const attention = describeAttention(facts, layer);
  // meituan-longcat/LongCat-Flash-Chat: two attentions in each of its 28 layers.
  if (kind === "full") return isLongcatFlash(facts.modelType) ? [attention, attention] : [attention];
  const state = describeState(facts);
  return state && [attention, { kind: "state", ...state }];
}
