import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { countElements, sumParameters } from "./counts.ts";
import { computeSafetensorsBytes } from "../quant/safetensors-file.ts";
import { adaptAllLinear, adaptEach, type AdaptedModule } from "./lora-experts.ts";
import { listLinearModules, matchTargets, nameModule, refuseTargets, type Targets } from "./lora-targets.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { Weight } from "../model/weight.ts";

/** The part of peft's LoraConfig that decides what is stored. */
export interface LoraConfig {
  readonly rank: number;
  readonly targets: Targets;
  readonly dora: boolean;
  /** Modules that are trained, and stored, whole. */
  readonly modulesToSave: readonly string[];
}

/** An adapter_model.safetensors that is yet to be trained. */
export interface AdapterFile {
  readonly tensors: readonly Pick<Weight, "name" | "shape" | "parameters">[];
  readonly parameters: number;
  /** Of these, the ones of modules that are saved whole. */
  readonly savedParameters: number;
  /** The matrices it changes. */
  readonly modules: readonly AdaptedModule[];
}

/**
 * Lay an adapter out as peft does (src/peft/tuners/lora/layer.py, `update_layer`): `lora_A` is [rank, inputs], `lora_B`
 * [outputs, rank], and DoRA adds a magnitude for each output (dora.py).
 */
export function buildAdapterFile(subject: LogicalModel, lora: LoraConfig): AdapterFile | Unknown {
  const { rank, targets, dora, modulesToSave } = lora;
  const saved = subject.weights.filter(({ name }) => isSaved(name, modulesToSave));
  // peft keeps adapters off modules that are saved whole (tuners_utils.py, `check_target_module_exists`).
  const matched = matchTargets(listLinearModules(subject), targets).filter(
    ({ name }) => !isSaved(name, modulesToSave),
  );
  if (matched.length === 0) return unknown("no linear layer matches the target modules");
  const refusal = refuseTargets(matched, subject);
  if (refusal) return refusal;
  // A router has a row an expert, and a rank above that all the same: mistralai/Mixtral-8x7B-v0.1 has 8.
  const thin = matched.find(
    ({ inBlock, role, inputs, outputs }) => inBlock && role !== "router" && rank > Math.min(inputs, outputs),
  );
  if (thin)
    return unknown(
      `rank ${rank} is above the matrix: ${thin.name} is ${thin.outputs} × ${thin.inputs}, of rank ${Math.min(thin.inputs, thin.outputs)} at most`,
    );
  const modules =
    targets === "all-linear" ? adaptAllLinear(subject, matched, lora) : adaptEach(matched, rank);
  if (isUnknown(modules)) return modules;
  const tensors = [
    ...modules.flatMap(({ name, inputs, outputs, rank: ownRank }) => {
      const stem = nameModule(name, subject);
      return [
        buildTensor(`${stem}.lora_A.weight`, [ownRank, inputs]),
        buildTensor(`${stem}.lora_B.weight`, [outputs, ownRank]),
        ...(dora ? [buildTensor(`${stem}.lora_magnitude_vector`, [outputs])] : []),
      ];
    }),
    ...saved.map(({ name, shape }) => buildTensor(nameModule(name, subject), shape)),
  ];
  return { tensors, parameters: sumParameters(tensors), savedParameters: sumParameters(saved), modules };
}

/** The exact bytes of the file; peft trains and stores in 32 bits, many publish in 16. */
export function computeAdapterBytes({ tensors }: AdapterFile, dtype: "F32" | "F16"): number {
  return computeSafetensorsBytes(tensors.map(({ name, shape }) => ({ name, shape, dtype })));
}

/** A module is saved with all in it, and found by the end of its name (src/peft/utils/other.py, `_set_trainable`). */
function isSaved(name: string, modulesToSave: readonly string[]): boolean {
  if (modulesToSave.length === 0) return false;
  const parts = name.replace(/\.(?:weight|bias)$/, "").split(".");
  return parts.some((_, index) => {
    const module = parts.slice(0, index + 1).join(".");
    return modulesToSave.some((saved) => module.endsWith(saved));
  });
}

function buildTensor(name: string, shape: readonly number[]): AdapterFile["tensors"][number] {
  return { name, shape, parameters: countElements(shape) };
}
