import { unknown, type Unknown } from "../contract/unknown.ts";
import { isObject, readCount, type JsonObject } from "../format/config.ts";
import {
  fullEvery,
  type LayerKind,
  type LayerPattern,
  type LayerRuleName,
} from "../model/architectures/architecture.ts";
import { readGqaRatio, type ConfigReader } from "./config-reader.ts";

/** The kind of a layer, by index; undefined where a list in the config does not reach it. */
export type LayerRule = (layer: number) => LayerKind | undefined;

type Rule = (reader: ConfigReader) => LayerRule | Unknown;

/** Infer the kinds of layers from the pattern of a model type. */
export function applyPattern(pattern: LayerPattern, reader: ConfigReader): LayerRule | Unknown {
  if (typeof pattern === "string") return RULES[pattern](reader);
  const { other } = pattern;
  if ("fullEvery" in pattern) {
    const interval = readCount(reader.text, ...pattern.keys) ?? pattern.fullEvery;
    return (layer) => ((layer + 1) % interval === 0 ? "full" : other);
  }
  const { listedIn, listed } = pattern;
  const layers = reader.text[listedIn] === null ? [] : reader.text[listedIn];
  if (!Array.isArray(layers)) return unknown(`config.json states no ${listedIn}`);
  return (layer) => (layers.includes(layer) ? listed : other);
}

/** A list with an entry for each layer. */
function each(list: readonly unknown[], read: (entry: unknown) => LayerKind): LayerRule {
  return (layer) => (layer < list.length ? read(list[layer]) : undefined);
}

/** mistralai/Mistral-7B-v0.1: a window in all layers, or `sliding_window: null` for none. */
function slidingWindow({ text }: ConfigReader): LayerRule {
  const kind = readCount(text, "sliding_window") === null ? "full" : "slidingWindow";
  return () => kind;
}

/** Qwen2 states a window that counts only with `use_sliding_window`, and from `max_window_layers` on. */
function slidingWindowFrom(reader: ConfigReader): LayerRule | Unknown {
  return slidingWindowIf((layer, { text }) => layer >= readFirst(text, 0))(reader);
}

/** rednote-hilab/dots.llm1.base: the same, whatever `use_sliding_window` is; from its 62 layers on, which is none. */
function slidingWindowFromAlways({ text }: ConfigReader): LayerRule {
  if (readCount(text, "sliding_window") === null) return () => "full";
  return (layer) => (layer >= readFirst(text, 62) ? "slidingWindow" : "full");
}

function readFirst(text: JsonObject, otherwise: number): number {
  return text["max_window_layers"] === 0 ? 0 : (readCount(text, "max_window_layers") ?? otherwise);
}

/** Qwen/Qwen1.5-MoE-A2.7B, Qwen/Qwen3-30B-A3B and HuggingFaceTB/SmolLM3-3B state a window, but do not use it. */
function slidingWindowIf(isWindow: (layer: number, reader: ConfigReader) => boolean): Rule {
  return (reader) => {
    const { text, flag } = reader;
    if (!flag("use_sliding_window", false) || readCount(text, "sliding_window") === null) return () => "full";
    return (layer) => (isWindow(layer, reader) ? "slidingWindow" : "full");
  };
}

/** HuggingFaceTB/SmolLM3-3B: 0 for a layer without rotary positions, every fourth where they are not listed. */
function hasNoRotation(layer: number, { text }: ConfigReader): boolean {
  const { no_rope_layers: layers } = text;
  if (Array.isArray(layers)) return layers[layer] === 0;
  return (layer + 1) % (readCount(text, "no_rope_layer_interval") ?? 4) === 0;
}

/** ai21labs/Jamba-v0.1: attention in layers 4, 12, 20 and 28. */
function jamba({ text }: ConfigReader): LayerRule {
  const period = readCount(text, "attn_layer_period") ?? 8;
  const offset = text["attn_layer_offset"] === 0 ? 0 : (readCount(text, "attn_layer_offset") ?? 4);
  return (layer) => (layer % period === offset ? "full" : "ssm");
}

/** Zyphra/Zamba-7B-v1 counts from its fourth layer, and its third has attention too. */
function zamba(reader: ConfigReader): LayerRule {
  const rule = jamba({ ...reader, text: { attn_layer_period: 6, ...reader.text } });
  return (layer) => (layer === 2 || (layer > 2 && rule(layer - 3) === "full") ? "full+ssm" : "ssm");
}

/** Layers without rotary positions see everything, the others a chunk: meta-llama/Llama-4-Scout-17B-16E. */
function llama4(reader: ConfigReader): LayerRule | Unknown {
  const { no_rope_layers: layers } = reader.text;
  if (Array.isArray(layers) && layers.length > 0)
    return each(layers, (rotary) => (rotary ? "slidingWindow" : "full"));
  return applyPattern(fullEvery(4, "no_rope_layer_interval"), reader);
}

/** LGAI-EXAONE/EXAONE-4.0-32B writes "LLLG", later models a number; EXAONE-4.0-1.2B does not use a window. */
function exaone4(reader: ConfigReader): LayerRule | Unknown {
  const { sliding_window_pattern: pattern } = reader.text;
  if (readCount(reader.text, "sliding_window") === null) return () => "full";
  if (typeof pattern !== "string") return applyPattern(fullEvery(4, "sliding_window_pattern"), reader);
  if (!/^[LG]+$/.test(pattern)) return unknown("sliding_window_pattern is not understood");
  return (layer) => (pattern[layer % pattern.length] === "G" ? "full" : "slidingWindow");
}

/** XiaomiMiMo/MiMo-V2-Flash: 1 for a window; without the list the first and every sixth layer are full. */
function mimo({ text }: ConfigReader): LayerRule {
  const { hybrid_layer_pattern: layers } = text;
  if (Array.isArray(layers)) return each(layers, (entry) => (entry === 1 ? "slidingWindow" : "full"));
  return (layer) => (layer === 0 || (layer + 1) % 6 === 0 ? "full" : "slidingWindow");
}

/** MiniMaxAI/MiniMax-Text-01: 0 for lightning attention, 1 for softmax; MiniMaxAI/MiniMax-M2 is softmax throughout. */
function minimax({ isType, text }: ConfigReader): LayerRule {
  const { attn_type_list: layers } = text;
  if (Array.isArray(layers)) return each(layers, (entry) => (entry === 0 ? "ssm" : "full"));
  return (layer) => (isType("minimax_m2") || layer % 2 === 0 ? "full" : "ssm");
}

/** nvidia/Nemotron-H-8B-Base-8K: one letter per layer, M for Mamba and * for attention. */
function nemotronH({ text }: ConfigReader): LayerRule | Unknown {
  const { hybrid_override_pattern: pattern } = text;
  if (typeof pattern !== "string" || !/^[-M*E]+$/.test(pattern))
    return unknown("hybrid_override_pattern is not understood");
  return each([...pattern], (letter) => (letter === "*" ? "full" : letter === "M" ? "ssm" : "none"));
}

/** google/recurrentgemma-2b: two recurrent layers, then one of attention in a window. */
function recurrentGemma({ text }: ConfigReader): LayerRule {
  const { block_types: types } = text;
  if (!Array.isArray(types)) return (layer) => (layer % 3 === 2 ? "slidingWindow" : "ssm");
  return (layer) => (types[layer % types.length] === "attention" ? "slidingWindow" : "ssm");
}

/** moonshotai/Kimi-Linear-48B-A3B-Instruct numbers its layers from 1. */
function kimiLinear({ text }: ConfigReader): LayerRule | Unknown {
  const { linear_attn_config: linear } = text;
  const full = isObject(linear) ? linear["full_attn_layers"] : null;
  if (!Array.isArray(full)) return unknown("linear_attn_config does not list the layers with attention");
  return (layer) => (full.includes(layer + 1) ? "full" : "ssm");
}

/** nvidia/Llama-3_3-Nemotron-Super-49B-v1 leaves attention out of some layers, or puts a matrix in its place. */
function blockConfigs({ text }: ConfigReader): LayerRule | Unknown {
  const { block_configs: blocks } = text;
  if (!Array.isArray(blocks)) return unknown("config.json states no block_configs");
  return each(blocks, (block) => (readGqaRatio(block) === null ? "none" : "full"));
}

/** From huggingface/transformers v5.18.0, src/transformers/models/<type>/configuration_<type>.py. */
const RULES = {
  allSsm: () => () => "ssm",
  allFullAndSsm: () => () => "full+ssm",
  blockConfigs,
  exaone4,
  jamba,
  kimiLinear,
  llama4,
  mimo,
  minimax,
  nemotronH,
  qwen2Moe: slidingWindowIf((layer, { text }) => layer % 2 === 0 && layer < readFirst(text, 28)),
  recurrentGemma,
  slidingWindow,
  slidingWindowFrom,
  slidingWindowFromAlways,
  slidingWindowIf: slidingWindowIf(() => true),
  smollm3: slidingWindowIf(hasNoRotation),
  zamba,
} satisfies Record<LayerRuleName, Rule>;
