import { readCount, type Config } from "./config.ts";
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

/** `model.layers.3.mlp.experts.17.up_proj.weight`: one expert; without the number: all experts of a layer stacked. */
const EXPERT = /^(?<layer>.*?(?:^|\.))experts\.(?:(?<expert>\d+)\.)?/;

/**
 * Parameters one token uses: everything except the routed experts it does not visit. Shared experts and routers are
 * always used. Mixtral 8x7B: 46,702,792,704 in all, 12,879,925,248 active. Null when the experts per token are unknown.
 */
export function countActive(weights: readonly Weight[], config: Config | null): number | null {
  const layers = new Map<string, { parameters: number; experts: Set<string>; stacked: number }>();
  let total = 0;
  for (const weight of weights) {
    total += weight.parameters;
    if (weight.role !== "experts") continue;
    const { layer = "", expert } = EXPERT.exec(weight.name)?.groups ?? {};
    const entry = layers.get(layer) ?? { parameters: 0, experts: new Set<string>(), stacked: 0 };
    layers.set(layer, entry);
    entry.parameters += weight.parameters;
    if (expert !== undefined) entry.experts.add(expert);
    else entry.stacked = weight.shape[0] ?? 0;
  }
  if (layers.size === 0) return total;

  const routed =
    config &&
    (readCount(config.text, ...ROUTED_EXPERT_KEYS) ?? readCount(config.root, ...ROUTED_EXPERT_KEYS));
  if (!routed) return null;
  let active = total;
  for (const { parameters, experts, stacked } of layers.values()) {
    const count = experts.size || stacked;
    // Experts of a layer are equal in size; if they do not divide, the routing is not understood.
    if (count < routed || parameters % count !== 0) return null;
    active -= (parameters / count) * (count - routed);
  }
  return active;
}
