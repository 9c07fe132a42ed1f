/** The widths of a model, from its config or the metadata of a GGUF file. */
import type { JsonObject } from "../../contract/json.ts";
import { isObject, type Config } from "../../format/config.ts";
import { keysOf } from "../../format/dimensions.ts";
import { findArchitecture } from "../../model/architectures.ts";
import { createConfigReader } from "../config-reader.ts";
import type { ModelWidths, ScanWidths } from "./graph-context.ts";
import { findGraphTraits } from "./graph-traits.ts";
import { MAX_LAYERS } from "./layers.ts";

/** The width of a network whose config does not state it, in hidden sizes. */
const FOUR_FOLD = 4;

type Read = (...keys: readonly string[]) => number | null;

/** Read the widths; null where they are not stated. */
export function readWidths(config: Config, vocabulary: number | null): ModelWidths | null {
  // The config of google/gemma-3-4b-it leaves out its heads.
  const { text } = createConfigReader(config);
  const read: Read = (...keys) => readMost(text, keys);
  const hidden = read(...keysOf("hiddenSize"));
  if (hidden === null || vocabulary === null) return null;
  const heads = read(...keysOf("decoderHeads", "heads")) ?? 0;
  const headSize = read(...keysOf("headSize")) ?? (heads > 0 ? hidden / heads : 0);
  const keySize = read("global_head_dim") ?? headSize;
  const valueSize = read("attention.value_length_mla", "v_head_dim") ?? keySize;
  const windowSize = read("swa_head_dim", "attention.key_length_swa") ?? headSize;
  const feedForward = readFeedForward(text, read);
  const rank = read("kv_lora_rank");
  const rotary = read("qk_rope_head_dim", "rope.dimension_count") ?? 0;
  const modelType = config.modelType ?? "";
  const traits = findGraphTraits(findArchitecture(modelType)?.gguf ?? modelType);
  return {
    vocabulary,
    hidden,
    heads,
    keySize,
    valueSize,
    window: {
      keySize: windowSize,
      valueSize: read("swa_v_head_dim", "attention.value_length_swa", "v_head_dim") ?? windowSize,
    },
    kvHeads: read(...keysOf("kvHeads")) ?? heads,
    feedForward,
    feedForwards: readFeedForwards(text, read),
    experts: readExperts(read, feedForward),
    latent:
      rank === null
        ? null
        : { rank, rotary, queries: heads * (readQuerySize(read) ?? keySize), values: heads * valueSize },
    scan: readScan(read, hidden),
    layerInput: read("hidden_size_per_layer_input", "embedding_length_per_layer_input") ?? 0,
    traits: { ...traits, hasRotation: traits.hasRotation && !hasNoPositions(text) },
  };
}

/** ibm-granite/granite-4.0-h-tiny, and what its GGUF files state in place of it. */
function hasNoPositions(text: JsonObject): boolean {
  const { position_embedding_type: type, model_type: name, gguf } = text;
  if (name === "granitehybrid") return isObject(gguf) && gguf["rope.scaling.finetuned"] === false;
  return type === "nope";
}

/** The size of a head's query before it takes in the matrix of the latents: 192 in deepseek-ai/DeepSeek-V3. */
function readQuerySize(read: Read): number | null {
  const [plain, rotary] = [read("qk_nope_head_dim"), read("qk_rope_head_dim")];
  return plain === null || rotary === null ? read("attention.key_length_mla") : plain + rotary;
}

function readScan(read: Read, hidden: number): ScanWidths | null {
  const kernel =
    read("ssm.conv_kernel", "linear_conv_kernel_dim", "conv_kernel", "mamba_d_conv", "conv_L_cache") ?? 1;
  const keyHeads = read("linear_num_key_heads");
  if (keyHeads !== null) {
    const [heads, keySize] = [read("linear_num_value_heads") ?? 0, read("linear_key_head_dim") ?? 0];
    const inner = heads * (read("linear_value_head_dim") ?? 0);
    return { inner, convolved: inner + 2 * keyHeads * keySize, kernel, heads, state: inner * keySize };
  }
  const heads =
    read(
      "ssm.time_step_rank",
      "mamba_num_heads",
      "mamba_n_heads",
      "n_mamba_heads",
      "mamba_dt_rank",
      "time_step_rank",
    ) ?? 0;
  const headSize = read("mamba_head_dim", "mamba_d_head", "mamba_headdim");
  const expand = read("mamba_expand", "expand");
  const inner =
    read("ssm.inner_size", "mamba_d_ssm", "conv_dim") ??
    (headSize !== null && heads > 0 ? heads * headSize : null) ??
    (expand === null ? null : expand * hidden) ??
    (read("shortconv.l_cache", "conv_L_cache") && hidden);
  if (inner === null) return null;
  const states = read("ssm.state_size", "ssm_state_size", "mamba_d_state", "state_size") ?? 0;
  const groups = read("ssm.group_count", "n_groups", "mamba_n_groups", "mamba_ngroups") ?? 0;
  return { inner, convolved: inner + 2 * groups * states, kernel, heads, state: inner * states };
}

function readExperts(read: Read, feedForward: number): ModelWidths["experts"] {
  const used = read(...keysOf("expertsPerToken"));
  if (used === null) return null;
  const width = read("moe_intermediate_size") ?? feedForward;
  const shared = read("n_shared_experts", "num_shared_experts", "expert_shared_count") ?? 0;
  return {
    used,
    width,
    count: read(...keysOf("experts")) ?? used,
    shared:
      read(
        "shared_expert_intermediate_size",
        "shared_intermediate_size", // ibm-granite/granite-4.0-h-tiny
        "moe_shared_expert_intermediate_size", // nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16
        "expert_shared_feed_forward_length",
      ) ?? shared * width,
    hasDenseLayers: (read("first_k_dense_replace", "leading_dense_block_count") ?? 0) > 0,
  };
}

/** Read the width of the network. LiquidAI/LFM2-1.2B states 12,288, of which it takes two thirds. */
function readFeedForward(text: JsonObject, read: Read): number {
  const stated = read(...keysOf("intermediateSize"), "block_ff_dim", "ffn_dim", "ffn_hidden_size");
  // openai-community/gpt2
  if (stated === null) return FOUR_FOLD * (read(...keysOf("hiddenSize")) ?? 0);
  if (text["block_auto_adjust_ff_dim"] !== true) return stated;
  const multiple = read("block_multiple_of") ?? 1;
  return Math.ceil(Math.floor((2 * stated) / 3) / multiple) * multiple;
}

/** Read the widths of all networks; empty where they do not differ. */
function readFeedForwards(text: JsonObject, read: Read): number[] {
  const layers = read(...keysOf("layers")) ?? 0;
  if (text["use_double_wide_mlp"] !== true || layers > MAX_LAYERS)
    return keysOf("intermediateSize").flatMap((key) => readList(text[key]));
  // The layers of google/gemma-4-E2B-it that share a cache have networks of twice the width.
  const own = layers - (read("num_kv_shared_layers") ?? 0);
  const width = read(...keysOf("intermediateSize")) ?? 0;
  return Array.from({ length: layers }, (_, layer) => (layer < own ? width : 2 * width));
}

/** Read a list with a count per layer; empty without. */
function readList(value: unknown): number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count))
    ? (value as number[])
    : [];
}

/** Read a count, or the largest of a list with one per layer, from the config or the words of a GGUF file. */
function readMost(text: JsonObject, keys: readonly string[]): number | null {
  const words = (text["gguf"] ?? {}) as JsonObject;
  for (const key of keys) {
    const value = text[key] ?? words[key];
    const counts = (Array.isArray(value) ? value : [value]).filter(
      (count): count is number => Number.isSafeInteger(count) && count > 0,
    );
    if (counts.length > 0) return Math.max(...counts);
  }
  return null;
}
