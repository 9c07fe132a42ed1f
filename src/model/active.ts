import { readCount, type Config } from "../format/config.ts";
import type { Weight } from "./weight.ts";

/** How many experts a token is routed to, by the key each family uses. */
const ROUTED_EXPERT_KEYS = [
  "num_experts_per_tok", // mistralai/Mixtral-8x7B-v0.1, Qwen/Qwen3-30B-A3B, deepseek-ai/DeepSeek-V3
  "num_experts_per_token", // openai/gpt-oss, older configs
  "experts_per_token",
  "top_k_experts", // google/gemma-4-26B-A4B-it
  "moe_topk", // tencent/Hunyuan-A13B-Instruct
  "moe_k", // baidu/ERNIE-4.5
  "moe_top_k",
  "num_selected_experts",
] as const;

/** How many experts a layer has. */
const EXPERT_KEYS = [
  "num_local_experts", // mistralai/Mixtral-8x7B-v0.1, openai/gpt-oss-20b
  "num_experts", // Qwen/Qwen3-30B-A3B
  "n_routed_experts", // deepseek-ai/DeepSeek-V3
  "moe_num_experts", // baidu/ERNIE-4.5
] as const;

/**
 * `model.layers.3.mlp.experts.17.up_proj.weight`: one expert. Without the number, all experts of a layer stacked, as in
 * GGUF's `ffn_up_exps` and in ibm-granite/granite-3.0-1b-a400m-base.
 */
const EXPERT =
  /^(?<layer>.*?(?:^|\.))(?:experts\.(?:(?<expert>\d+)\.)?|ffn_\w+_exps\.|block_sparse_moe\.(?:in|out)put_linear\.)/;

/**
 * Parameters one token uses: everything except the routed experts it does not visit. Shared experts and routers are
 * always used. Mixtral 8x7B: 46,702,792,704 in all, 12,879,925,248 active. Null when the experts per token are
 * unknown, or when the weights show other experts than the config names.
 */
export function countActive(weights: readonly Weight[], config: Config | null): number | null {
  const layers = new Map<string, { parameters: number; experts: Set<string>; stacked: number }>();
  let total = 0;
  for (const weight of weights) {
    total += weight.parameters;
    const groups = EXPERT.exec(weight.name)?.groups;
    if (!groups) continue;
    const { layer = "", expert } = groups;
    const entry = layers.get(layer) ?? { parameters: 0, experts: new Set<string>(), stacked: 0 };
    layers.set(layer, entry);
    entry.parameters += weight.parameters;
    if (expert !== undefined) entry.experts.add(expert);
    else entry.stacked = weight.shape[0] ?? 0;
  }
  const named = readEither(config, EXPERT_KEYS);
  if (layers.size === 0) return named !== null && named > 1 ? null : total;

  const routed = readEither(config, ROUTED_EXPERT_KEYS);
  if (routed === null) return null;
  let active = total;
  for (const { parameters, experts, stacked } of layers.values()) {
    const count = experts.size || stacked;
    // Experts of a layer are equal in size; if they do not divide, the routing is not understood.
    if (count !== (named ?? count) || count < routed || parameters % count !== 0) return null;
    active -= (parameters / count) * (count - routed);
  }
  return active;
}

function readEither(config: Config | null, keys: readonly string[]): number | null {
  return config && (readCount(config.text, ...keys) ?? readCount(config.root, ...keys));
}
