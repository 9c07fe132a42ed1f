/** The modules of an "all-linear" adapter where transformers 5 stacks the experts of a layer into one parameter. */
import { type Unknown, unknown } from "../contract/unknown.ts";
import { modelTypes } from "../model/architectures.ts";
import type { LinearModule } from "./lora-targets.ts";
import type { LogicalModel } from "../quant/scheme.ts";

/** A module with an adapter on it, and the rank that it has there. */
export interface AdaptedModule extends Pick<LinearModule, "name" | "inputs" | "outputs"> {
  readonly rank: number;
  /** Number of experts in one parameter; null for a matrix of its own. */
  readonly experts: number | null;
}

/**
 * Model types for which peft 0.21 rewrites the targets of an adapter (src/peft/utils/transformers_weight_conversion.py,
 * `_convert_peft_config_moe`, by `_MODEL_TO_CONVERSION_PATTERN` of transformers 5.18, conversion_mapping.py). It rewrites
 * before it would fill in its defaults, and then finds none. qwen2_moe itself is not among them.
 */
export const rewritesTargets = modelTypes(
  "mixtral minimax minimax_m2 afmoe deepseek_v2 deepseek_v3 deepseek_v32 dots1 ernie4_5_moe glm4_moe glm4_moe_lite",
  "glm_moe_dsa glm4v_moe longcat_flash solar_open mellum qwen3_moe qwen3_omni_moe qwen3_omni_moe_thinker qwen3_next",
  "hunyuan_v1_moe flex_olmo olmoe exaone_moe cohere2_moe",
);

/**
 * Those of which the result is known: mistralai/Mixtral-8x7B-v0.1, Qwen/Qwen3-30B-A3B and deepseek-ai/DeepSeek-V2-Lite
 * as peft lays them out, and model types whose classes in transformers 5.18 name and stack the same parameters.
 */
const isLaidOut = modelTypes("mixtral qwen3_moe deepseek_v2 deepseek_v3 olmoe glm4_moe dots1");

/** Names that mean the experts' matrices, and with them those of a dense layer and of shared experts. */
const EXPERT_TARGET = /\.(?:gate|gate_proj|up_proj|down_proj|w[123])$/;

/** The gate of one expert: `model.layers.0.block_sparse_moe.experts.7.w1.weight`, `model.layers.1.mlp.experts.7.gate_proj.weight`. */
const EXPERT_GATE = /^(?<block>.+\.)(?:mlp|block_sparse_moe)\.experts\.\d+\.(?:w1|gate_proj)\.weight$/;

/** A GGUF file of Mixtral states `llama` without a class, so whether peft rewrites its targets is unknown. */
export function refuseUnnamed({ weights, config }: LogicalModel): Unknown | null {
  if ((config?.architecture ?? null) !== null || !weights.some(({ role }) => role === "experts")) return null;
  return unknown("its class is not named, and what peft does with experts depends on it");
}

/** Put an adapter of this rank on each module. */
export function adaptEach(modules: readonly LinearModule[], rank: number): AdaptedModule[] {
  return modules.map(({ name, inputs, outputs }) => ({ name, inputs, outputs, rank, experts: null }));
}

/**
 * The modules of an all-linear adapter. Where the targets are rewritten: everything but experts in the given rank, and in
 * every layer the router and two stacks, in which each expert has that rank, and in the fused `gate_up_proj` twice.
 */
export function adaptAllLinear(
  subject: LogicalModel,
  modules: readonly LinearModule[],
  { rank, dora }: { readonly rank: number; readonly dora: boolean },
): AdaptedModule[] | Unknown {
  const { config } = subject;
  if (!rewritesTargets(config)) return refuseUnnamed(subject) ?? adaptEach(modules, rank);
  if (!isLaidOut(config))
    return unknown(`how peft lays adapters out on the experts of ${config?.modelType} is not known here`);
  if (dora) return unknown("peft refuses DoRA on experts that are stacked into one parameter");
  const layers = findExpertLayers(subject);
  if (layers.length === 0) return unknown("its experts have other names than those peft stacks");
  const thin = layers.find(({ hidden, intermediate }) => rank > Math.min(hidden, intermediate));
  if (thin)
    return unknown(
      `rank ${rank} is above the matrix: an expert of ${thin.block} is ${thin.intermediate} × ${thin.hidden}`,
    );
  const others = modules.filter(({ name }) => !EXPERT_TARGET.test(name));
  const stacks = layers.flatMap(({ block, experts, hidden, intermediate }): AdaptedModule[] => {
    const up = { inputs: hidden, outputs: 2 * intermediate, rank: 2 * rank * experts };
    const down = { inputs: intermediate, outputs: hidden, rank: rank * experts };
    return [
      { name: `${block}.gate`, inputs: hidden, outputs: experts, rank, experts: null },
      { name: `${block}.experts.base_layer`, ...up, experts },
      { name: `${block}.experts`, ...down, experts },
    ];
  });
  return [...adaptEach(others, rank), ...stacks];
}

interface ExpertLayer {
  /** `model.layers.0.mlp`, as transformers 5 calls it. */
  readonly block: string;
  readonly experts: number;
  readonly hidden: number;
  readonly intermediate: number;
}

function findExpertLayers({ weights }: LogicalModel): ExpertLayer[] {
  const layers = new Map<string, ExpertLayer>();
  for (const { name, shape, role } of weights) {
    const { block } = EXPERT_GATE.exec(name)?.groups ?? {};
    const [intermediate, hidden] = shape;
    // Layers that predict further tokens are not part of the class.
    if (block === undefined || role === "mtp" || intermediate === undefined || hidden === undefined) continue;
    const known = layers.get(block);
    layers.set(block, { block: `${block}mlp`, experts: (known?.experts ?? 0) + 1, hidden, intermediate });
  }
  return [...layers.values()];
}
