/** Will it run: what a model keeps in memory between tokens, layer by layer. */
import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { isObject, type Config } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";
import type { LayerKind } from "../model/architectures/architecture.ts";
import {
  buildAttention,
  buildCrossAttention,
  buildImageAttention,
  buildSlidingWindow,
  listHeadSizes,
} from "./attention.ts";
import { createConfigReader, readerOfLayer, type ConfigReader } from "./config-reader.ts";
import type { KvCacheLayer, KvCacheLayers } from "./kv-cache.ts";
import { classifyLayers } from "./layer-kinds.ts";
import { inferGgufLayers } from "./llama-cpp/layers.ts";
import { inferRole } from "./model-role.ts";
import { computeSsmState } from "./ssm.ts";

/** No published model comes near it: meta-llama/Llama-3.1-405B has 126. */
const MAX_LAYERS = 1_000;

/** Infer what each layer of the language model keeps; for a GGUF file as llama.cpp does. */
export function inferKvCacheLayers(config: Config, flashAttention = true): KvCacheLayers | Unknown {
  const { gguf } = config.root;
  if (isObject(gguf)) return inferGgufLayers(config.modelType ?? "", gguf, { flashAttention });
  const reader = createConfigReader(config);
  // Qwen/Qwen3-Omni-30B-A3B-Instruct: its talker keeps a fifth more, and generates codes, not tokens.
  if (isObject(config.root["talker_config"]) && config.root["enable_audio_output"] !== false)
    return unknown("what its talker keeps for speech is not known");
  const role = inferRole(reader, config);
  if (isUnknown(role)) return role;
  if (role === "encoder") return { layers: [], headSizes: new Set(), engine: "any" };
  if (reader.isEncoderDecoder && reader.architecture?.role !== "encoder-decoder")
    return unknown(`what ${reader.modelType} keeps of its encoder's output is not known`);

  // A GPT-2 that nlpconnect/vit-gpt2-image-captioning puts behind its encoder of images, taken out of it.
  if (reader.text["add_cross_attention"] === true && !reader.isEncoderDecoder)
    return unknown("what it keeps of another model's output is not known");

  const kindOf = classifyLayers(reader, config.architecture);
  if (isUnknown(kindOf)) return kindOf;
  const layerCount = countLayers(reader);
  if (layerCount > MAX_LAYERS) return unknown(`${layerCount} layers are more than any model has`);
  if (layerCount === 0) return unknown("config.json describes no layers");

  const layers: KvCacheLayer[] = [];
  const attending = new Set<ConfigReader>();
  // google/gemma-3n-E2B-it: the last 10 of 30 layers read the caches of earlier ones.
  const ownLayers = layerCount - (reader.optional("num_kv_shared_layers") ?? 0);
  if (ownLayers < 1) return unknown("config.json has more layers that share a cache than layers");
  // tencent/Tencent-Hunyuan-Large: of every two layers the second reads the cache of the first.
  const sharing = reader.flag("use_cla", false) ? (reader.optional("cla_share_factor") ?? 1) : 1;
  for (let layer = 0; layer < layerCount; layer += 1) {
    const shares = layer >= ownLayers || layer % sharing !== 0;
    const kind = kindOf(layer);
    if (kind === undefined) return unknown(`config.json describes fewer than its ${layerCount} layers`);
    const own = readerOfLayer(reader, layer);
    const parts = shares
      ? [{ kind: "shared", isWindow: kind === "slidingWindow" } as const]
      : buildLayer(kind, own, layer);
    if (parts === null)
      return unknown(`what the layers of ${reader.modelType} keep in addition to attention is not known`);
    layers.push(...parts);
    if (parts.some((part) => HAS_HEADS.has(part.kind))) attending.add(own);
  }
  if (reader.missing.size > 0)
    return unknown(`config.json gives no usable ${[...reader.missing].join(", ")}`);
  if (!layers.every(isExact)) return unknown("config.json gives sizes beyond 2^53");
  return { layers, headSizes: new Set([...attending].flatMap(listHeadSizes)), engine: "any" };
}

const HAS_HEADS: ReadonlySet<string> = new Set(["full", "slidingWindow", "cross"]);

function isExact(layer: KvCacheLayer): boolean {
  return Object.values(layer).every((value) => typeof value !== "number" || Number.isSafeInteger(value));
}

function countLayers(reader: ConfigReader): number {
  // nvidia/Nemotron-H-8B-Base-8K: a name for each layer, which transformers 5 writes without their number.
  const named = reader.text["layers_block_type"];
  if (Array.isArray(named)) return named.length;
  // transformers 5 writes 28 as num_layers, and the attentions in them as num_hidden_layers.
  const own = reader.architecture?.attentionsPerLayer ? reader.optional("num_layers") : null;
  return own ?? reader.count(...keysOf("decoderLayers", "layers"));
}

function buildLayer(kind: LayerKind, reader: ConfigReader, layer: number): readonly KvCacheLayer[] | null {
  const parts = buildOwn(kind, reader, layer);
  return parts && reader.isEncoderDecoder ? [...parts, buildCrossAttention(reader)] : parts;
}

function buildOwn(kind: LayerKind, reader: ConfigReader, layer: number): readonly KvCacheLayer[] | null {
  if (kind === "none") return [{ kind }];
  if (kind === "slidingWindow") return [buildSlidingWindow(reader)];
  if (kind === "image") return [buildImageAttention(reader)];
  if (kind === "ssm") {
    const state = computeSsmState(reader);
    return state && [{ kind, ...state }];
  }
  const attention = buildAttention(reader, layer);
  // meituan-longcat/LongCat-Flash-Chat: two attentions in each of its 28 layers.
  if (kind === "full") return reader.architecture?.attentionsPerLayer ? [attention, attention] : [attention];
  const state = computeSsmState(reader);
  return state && [attention, { kind: "ssm", ...state }];
}
