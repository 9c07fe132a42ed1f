import type { Tensor } from "../../format/tensor.ts";

/** The tensors of one module (`model.layers.0.self_attn.q_proj`), by the last part of their names. */
export interface PackedModule {
  readonly name: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Group tensors by module. */
export function groupByModule(tensors: readonly Tensor[]): ReadonlyMap<string, PackedModule> {
  const modules = new Map<string, { name: string; tensors: Map<string, Tensor> }>();
  for (const tensor of tensors) {
    const [name, leaf] = splitName(tensor.name);
    let module = modules.get(name);
    if (module === undefined) modules.set(name, (module = { name, tensors: new Map() }));
    module.tensors.set(leaf, tensor);
  }
  return modules;
}

/** Return the name of a module's packed weight in the plain model. */
export function nameOfWeight(module: PackedModule, packed: Tensor, leaf: string): string {
  if (module.name === "") return "weight";
  // OpenAI's own files name gpt-oss experts `block.0.mlp.mlp1_weight.blocks`.
  const isParameter = leaf === "blocks" || packed.name.charAt(module.name.length) !== ".";
  return isParameter ? module.name : `${module.name}.weight`;
}

/** Split a name into module and leaf: `….q_proj` and `qweight`. */
export function splitName(name: string): readonly [module: string, leaf: string] {
  const dot = findLeaf(name);
  if (dot < 0) return ["", name];
  return splitFusedExperts(name, dot) ?? [name.slice(0, dot), name.slice(dot + 1)];
}

function findLeaf(name: string): number {
  // bitsandbytes puts its state below the weight: `….q_proj.weight.absmax`.
  const belowWeight = name.lastIndexOf(".weight.");
  if (belowWeight > 0) return belowWeight;
  const dot = name.lastIndexOf(".");
  // VPTQ puts its codebooks in modules of their own: `….q_proj.centroids.weight`.
  return name.endsWith("centroids.weight") ? name.lastIndexOf(".", dot - 1) : dot;
}

/**
 * Split the names of experts fused into one array. They are parameters without a module of their own, and an underscore
 * starts the leaf: `….experts.gate_up_proj_blocks` (gpt-oss), `….experts.gate_up_proj_weight_scale` (Llama 4 of ModelOpt).
 */
function splitFusedExperts(name: string, dot: number): readonly [string, string] | null {
  if (!name.startsWith("experts", dot - "experts".length)) return null;
  const projection = name.indexOf("_proj", dot);
  if (projection < 0) return null;
  const end = projection + "_proj".length;
  if (end === name.length) return [name, "weight"];
  return name.charAt(end) === "_" ? [name.slice(0, end), name.slice(end + 1)] : null;
}
