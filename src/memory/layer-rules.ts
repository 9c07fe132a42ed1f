import { isObject, readCount, type JsonObject } from "../format/config.ts";
import type { Facts } from "./facts.ts";
import type { LayerKind, LayerRule, UnknownKind } from "./layer-kinds.ts";

type Rule = (facts: Facts) => LayerRule | UnknownKind;

/**
 * How model types arrange their layers where config.json does not list them.
 * From huggingface/transformers v5.18.0, src/transformers/models/<type>/configuration_<type>.py.
 */
export const LAYER_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["gemma2", fullEvery("window", 2)],
  ["vaultgemma", fullEvery("window", 2)],
  ["t5gemma", fullEvery("window", 2)],
  ["t5_gemma_module", fullEvery("window", 2)],
  ["gpt_oss", fullEvery("window", 2)],
  ["gemma3", fullEvery("window", 6, "sliding_window_pattern", "_sliding_window_pattern")],
  ["t5gemma2", fullEvery("window", 6, "sliding_window_pattern", "_sliding_window_pattern")],
  ["gemma3n", fullEvery("window", 5)],
  ["gemma4", fullEvery("window", 6)],
  ["gemma4_unified", fullEvery("window", 6)],
  ["cohere2", fullEvery("window", 4, "sliding_window_pattern")],
  ["olmo3", fullEvery("window", 4)],
  ["afmoe", fullEvery("window", 4, "global_attn_every_n_layers")],
  ["llama4", llama4],
  ["exaone4", exaone4],
  ["exaone_moe", exaone4],
  ["mimo_v2_flash", mimo],
  ["mllama", listed("cross_attention_layers", "image", "full")],
  ["mistral", windowed],
  ["mixtral", windowed],
  ["ministral", windowed],
  ["ministral3", windowed],
  ["mistral3", windowed],
  ["phi3", windowed],
  ["phi3_v", windowed],
  ["phimoe", windowed],
  ["phi4_multimodal", windowed],
  ["starcoder2", windowed],
  ["qwen2", windowedFrom],
  ["qwen2_vl", windowedFrom],
  ["qwen2_5_vl", windowedFrom],
  ["qwen3", windowedFrom],
  ["qwen2_moe", windowedIf((layer, { text }) => layer % 2 === 0 && layer < readFirst(text, 28))],
  ["qwen3_moe", windowedIf(() => true)],
  ["smollm3", windowedIf(hasNoRotation)],
  ["dots1", windowedFromAlways],
  ["mamba", all("state")],
  ["mamba2", all("state")],
  ["falcon_mamba", all("state")],
  ["rwkv", all("state")],
  ["falcon_h1", all("full+state")],
  ["jamba", jamba],
  ["zamba", zamba],
  ["zamba2", listed("hybrid_layer_ids", "full+state", "state")],
  ["bamba", listed("attn_layer_indices", "full", "state")],
  ["lfm2", listed("full_attn_idxs", "full", "state")],
  ["lfm2_moe", listed("full_attn_idxs", "full", "state")],
  ["granitemoehybrid", all("state")],
  ["olmo_hybrid", fullEvery("state", 4)],
  ["qwen3_next", fullEvery("state", 4, "full_attention_interval")],
  ["qwen3_5", fullEvery("state", 4, "full_attention_interval")],
  ["qwen3_5_moe", fullEvery("state", 4, "full_attention_interval")],
  ["minimax", minimax],
  ["minimax_text_01", minimax],
  ["minimax_m1", minimax],
  ["minimax_m2", minimax],
  ["nemotron_h", nemotronH],
  ["recurrent_gemma", recurrentGemma],
  ["kimi_linear", kimiLinear],
  ["nemotron-nas", blockConfigs],
]);

function all(kind: LayerKind): Rule {
  return () => () => kind;
}

/** One full layer, the last, of every so many: the rest are `other`. */
function fullEvery(other: LayerKind, interval: number, ...keys: readonly string[]): Rule {
  return ({ text }) => {
    const every = readCount(text, ...keys) ?? interval;
    return (layer) => ((layer + 1) % every === 0 ? "full" : other);
  };
}

/** The layers of a list, and the others. */
function listed(key: string, kind: LayerKind, other: LayerKind): Rule {
  return ({ text }) => {
    const layers = text[key] === null ? [] : text[key];
    if (!Array.isArray(layers)) return { reason: `config.json gives no ${key}` };
    return (layer) => (layers.includes(layer) ? kind : other);
  };
}

/** A list with an entry for each layer. */
function each(list: readonly unknown[], read: (entry: unknown) => LayerKind): LayerRule {
  return (layer) => (layer < list.length ? read(list[layer]) : undefined);
}

/** mistralai/Mistral-7B-v0.1: a window in all layers, or `sliding_window: null` for none. */
function windowed({ text }: Facts): LayerRule {
  const kind = readCount(text, "sliding_window") === null ? "full" : "window";
  return () => kind;
}

/** Qwen2 names a window that counts only with `use_sliding_window`, and from `max_window_layers` on. */
function windowedFrom(facts: Facts): LayerRule | UnknownKind {
  return windowedIf((layer, { text }) => layer >= readFirst(text, 0))(facts);
}

/** rednote-hilab/dots.llm1.base: the same, whatever `use_sliding_window` says; from its 62 layers on, which is none. */
function windowedFromAlways({ text }: Facts): LayerRule {
  if (readCount(text, "sliding_window") === null) return () => "full";
  return (layer) => (layer >= readFirst(text, 62) ? "window" : "full");
}

function readFirst(text: JsonObject, otherwise: number): number {
  return text["max_window_layers"] === 0 ? 0 : (readCount(text, "max_window_layers") ?? otherwise);
}

/** Qwen/Qwen1.5-MoE-A2.7B, Qwen/Qwen3-30B-A3B and HuggingFaceTB/SmolLM3-3B name a window, and leave it off. */
function windowedIf(isWindow: (layer: number, facts: Facts) => boolean): Rule {
  return (facts) => {
    const { text, flag } = facts;
    if (!flag("use_sliding_window", false) || readCount(text, "sliding_window") === null) return () => "full";
    return (layer) => (isWindow(layer, facts) ? "window" : "full");
  };
}

/** HuggingFaceTB/SmolLM3-3B: 0 for a layer without rotary positions, every fourth where they are not listed. */
function hasNoRotation(layer: number, { text }: Facts): boolean {
  const { no_rope_layers: layers } = text;
  if (Array.isArray(layers)) return layers[layer] === 0;
  return (layer + 1) % (readCount(text, "no_rope_layer_interval") ?? 4) === 0;
}

/** ai21labs/Jamba-v0.1: attention in layers 4, 12, 20 and 28. */
function jamba({ text }: Facts): LayerRule {
  const period = readCount(text, "attn_layer_period") ?? 8;
  const offset = text["attn_layer_offset"] === 0 ? 0 : (readCount(text, "attn_layer_offset") ?? 4);
  return (layer) => (layer % period === offset ? "full" : "state");
}

/** Zyphra/Zamba-7B-v1 counts from its fourth layer, and its third has attention too. */
function zamba(facts: Facts): LayerRule {
  const rule = jamba({ ...facts, text: { attn_layer_period: 6, ...facts.text } });
  return (layer) => (layer === 2 || (layer > 2 && rule(layer - 3) === "full") ? "full+state" : "state");
}

/** Layers without rotary positions see everything, the others a chunk: meta-llama/Llama-4-Scout-17B-16E. */
function llama4(facts: Facts): LayerRule | UnknownKind {
  const { no_rope_layers: layers } = facts.text;
  if (Array.isArray(layers) && layers.length > 0)
    return each(layers, (rotary) => (rotary ? "window" : "full"));
  return fullEvery("window", 4, "no_rope_layer_interval")(facts);
}

/** LGAI-EXAONE/EXAONE-4.0-32B writes "LLLG", later models a number; EXAONE-4.0-1.2B has no window. */
function exaone4(facts: Facts): LayerRule | UnknownKind {
  const { sliding_window_pattern: pattern } = facts.text;
  if (readCount(facts.text, "sliding_window") === null) return () => "full";
  if (typeof pattern !== "string") return fullEvery("window", 4, "sliding_window_pattern")(facts);
  if (!/^[LG]+$/.test(pattern)) return { reason: "sliding_window_pattern is not understood" };
  return (layer) => (pattern[layer % pattern.length] === "G" ? "full" : "window");
}

/** XiaomiMiMo/MiMo-V2-Flash: 1 for a window; without the list the first and every sixth layer are full. */
function mimo({ text }: Facts): LayerRule {
  const { hybrid_layer_pattern: layers } = text;
  if (Array.isArray(layers)) return each(layers, (entry) => (entry === 1 ? "window" : "full"));
  return (layer) => (layer === 0 || (layer + 1) % 6 === 0 ? "full" : "window");
}

/** MiniMaxAI/MiniMax-Text-01: 0 for lightning attention, 1 for softmax; MiniMaxAI/MiniMax-M2 is softmax throughout. */
function minimax({ modelType, text }: Facts): LayerRule {
  const { attn_type_list: layers } = text;
  if (Array.isArray(layers)) return each(layers, (entry) => (entry === 0 ? "state" : "full"));
  return (layer) => (modelType === "minimax_m2" || layer % 2 === 0 ? "full" : "state");
}

/** nvidia/Nemotron-H-8B-Base-8K: one letter a layer, M for Mamba and * for attention. */
function nemotronH({ text }: Facts): LayerRule | UnknownKind {
  const { hybrid_override_pattern: pattern } = text;
  if (typeof pattern !== "string" || !/^[-M*E]+$/.test(pattern))
    return { reason: "hybrid_override_pattern is not understood" };
  return each([...pattern], (letter) => (letter === "*" ? "full" : letter === "M" ? "state" : "none"));
}

/** google/recurrentgemma-2b: two recurrent layers, then one of attention in a window. */
function recurrentGemma({ text }: Facts): LayerRule {
  const { block_types: types } = text;
  if (!Array.isArray(types)) return (layer) => (layer % 3 === 2 ? "window" : "state");
  return (layer) => (types[layer % types.length] === "attention" ? "window" : "state");
}

/** moonshotai/Kimi-Linear-48B-A3B-Instruct numbers its layers from 1. */
function kimiLinear({ text }: Facts): LayerRule | UnknownKind {
  const { linear_attn_config: linear } = text;
  const full = isObject(linear) ? linear["full_attn_layers"] : null;
  if (!Array.isArray(full)) return { reason: "linear_attn_config does not list the layers with attention" };
  return (layer) => (full.includes(layer + 1) ? "full" : "state");
}

/** nvidia/Llama-3_3-Nemotron-Super-49B-v1 leaves attention out of some layers, or puts a matrix in its place. */
function blockConfigs({ text }: Facts): LayerRule | UnknownKind {
  const { block_configs: blocks } = text;
  if (!Array.isArray(blocks)) return { reason: "config.json gives no block_configs" };
  return each(blocks, (block) => (readGroup(block) === null ? "none" : "full"));
}

/** How many heads of a block share a key and a value; null where the block has no attention. */
export function readGroup(block: unknown): number | null {
  const attention = isObject(block) ? block["attention"] : null;
  return isObject(attention) ? readCount(attention, "n_heads_in_group") : null;
}
