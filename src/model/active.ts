import type { Config } from "../format/config.ts";
import { readDimension, type Dimension } from "../format/dimensions.ts";
import type { Weight } from "./weight.ts";

/**
 * `model.layers.3.mlp.experts.17.up_proj.weight`: one expert. Without the number, all experts of a layer stacked, as in
 * GGUF's `ffn_up_exps` and in ibm-granite/granite-3.0-1b-a400m-base.
 */
const EXPERT =
  /^(?<layer>.*?(?:^|\.))(?:experts\.(?:(?<expert>\d+)\.)?|ffn_\w+_exps\.|block_sparse_moe\.(?:in|out)put_linear\.)/;

/**
 * Count the parameters one token uses: all but the routed experts it does not visit. Shared experts and routers are
 * always used. Mixtral 8x7B: 46,702,792,704 in total, 12,879,925,248 active. Null when the experts per token are
 * unknown, or when the number of experts in the weights differs from the config.
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
  const named = readEither(config, "experts");
  if (layers.size === 0) return named !== null && named > 1 ? null : total;

  const routed = readEither(config, "expertsPerToken");
  if (routed === null) return null;
  let active = total;
  for (const { parameters, experts, stacked } of layers.values()) {
    const count = experts.size || stacked;
    // Experts of a layer have equal sizes; if the total does not divide evenly, the routing is unknown.
    if (count !== (named ?? count) || count < routed || parameters % count !== 0) return null;
    active -= (parameters / count) * (count - routed);
  }
  return active;
}

function readEither(config: Config | null, dimension: Dimension): number | null {
  return config && (readDimension(config.text, dimension) ?? readDimension(config.root, dimension));
}
