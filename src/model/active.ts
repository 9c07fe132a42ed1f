/** The parameters that one token uses. */
import type { Config } from "../format/config.ts";
import { readExperts, readExpertsPerToken } from "./experts.ts";
import type { Weight } from "./weight.ts";

/**
 * `model.layers.3.mlp.experts.17.up_proj.weight`: one expert. `mlp.experts.expert_3.wi.weight` is one of
 * google/switch-base-8. Without the number, all experts of a layer are stacked, as in GGUF's `ffn_up_exps`.
 */
const EXPERT = /^(?<module>.*?(?:^|\.)experts\.)(?:expert_)?(?<expert>\d+)\./;

/** databricks/dbrx-base joins its experts along the rows. */
const JOINED = /(?:^|\.)experts\.mlp\.\w+$/;
const LAYER = /(?:^|\.)(?:layers|layer|blk|h|block|blocks)\.(\d+)\./;

export interface ActiveCounts {
  /** All but the routed experts that a token does not visit, and layers for multi-token prediction. */
  readonly active: number | null;
  /** As papers count: also without an input embedding that is not the output head, and without vision and audio towers. */
  readonly activeNonEmbedding: number | null;
}

/**
 * Count the parameters that one token uses. Shared experts and routers are always used. Mixtral 8x7B: 46,702,792,704 in
 * total, 12,879,925,248 active. Null when the experts per token are unknown, or when the number of experts in the weights
 * differs from the config.
 */
export function countActive(weights: readonly Weight[], config: Config | null): ActiveCounts {
  const used = weights.filter(({ role }) => role !== "mtp");
  const idle = countIdleExperts(used, config);
  if (idle === null) return { active: null, activeNonEmbedding: null };
  const active = sumParameters(used) - idle;
  return { active, activeNonEmbedding: active - sumParameters(used.filter(findLookups(used))) };
}

/** Count the parameters of experts that a token does not visit; null where unknown. */
function countIdleExperts(weights: readonly Weight[], config: Config | null): number | null {
  const named = readExperts(config);
  // `experts.bias` of jetmoe/jetmoe-8b is one vector that all experts share.
  const isShared = ({ name, shape }: Weight) =>
    shape.length === 1 && shape[0] !== named && !EXPERT.test(name);
  const experts = weights.filter((weight) => weight.role === "experts" && !isShared(weight));
  if (experts.length === 0) return named !== null && named > 1 ? null : 0;

  const readRouted = readExpertsPerToken(config);
  const modules = new Map<string, { parameters: number; experts: Set<string>; layer: number }>();
  let idle = 0;
  /** Add the idle ones of `count` equal experts; false where the routing is unknown. */
  const addIdle = (parameters: number, count: number, layer: number): boolean => {
    const routed = readRouted(layer);
    if (routed === null || count !== (named ?? count) || count < routed || parameters % count !== 0)
      return false;
    idle += (parameters / count) * (count - routed);
    return true;
  };
  for (const { name, shape, parameters } of experts) {
    const { module, expert } = EXPERT.exec(name)?.groups ?? {};
    const layer = Number(LAYER.exec(name)?.[1] ?? 0);
    if (module !== undefined && expert !== undefined) {
      const entry = modules.get(module) ?? { parameters: 0, experts: new Set<string>(), layer };
      modules.set(module, entry);
      entry.parameters += parameters;
      entry.experts.add(expert);
    } else {
      const rows = shape[0] ?? 0;
      const isJoined = named !== null && shape.length === 2 && JOINED.test(name) && rows % named === 0;
      if (!addIdle(parameters, isJoined ? named : rows, layer)) return null;
    }
  }
  // Experts of a layer have equal sizes; if the total does not divide evenly, the routing is unknown.
  for (const { parameters, experts: own, layer } of modules.values())
    if (!addIdle(parameters, own.size, layer)) return null;
  return idle;
}

/** Return a test for what papers leave out: towers, and embeddings that are only looked up because the head has its own matrix. */
function findLookups(weights: readonly Weight[]): (weight: Weight) => boolean {
  const heads = new Set(
    weights
      .filter(({ role, shape }) => role === "head" && shape.length === 2)
      .map(({ shape }) => shape.join()),
  );
  return ({ name, role, shape }) =>
    role === "vision" ||
    role === "audio" ||
    (role === "embedding" && (heads.has(shape.join()) || PER_LAYER.test(name)));
}

/** google/gemma-4-E2B-it looks up one small embedding per layer: "2.3B effective (5.1B with embeddings)". */
const PER_LAYER = /(?:embed_tokens_per_layer|per_layer_token_embd)/;

function sumParameters(weights: readonly Weight[]): number {
  return weights.reduce((sum, { parameters }) => sum + parameters, 0);
}
