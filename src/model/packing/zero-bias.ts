import { readString } from "../../format/config.ts";
import type { Evidence } from "./evidence.ts";

/** The projections that have a bias, in architectures where most have none. */
const BIASED_PROJECTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["llama", []],
  ["mistral", []],
  ["mixtral", []],
  ["gemma", []],
  ["gemma2", []],
  ["phi3", []],
  ["qwen2", ["q_proj", "k_proj", "v_proj"]],
  ["qwen2_moe", ["q_proj", "k_proj", "v_proj"]],
  ["qwen3", []],
  ["qwen3_moe", []],
]);

/** Switches that give a Llama-like model biases after all. `bias`: InternLM as Llama. */
const BIAS_SWITCHES: readonly string[] = ["attention_bias", "mlp_bias", "bias", "qkv_bias"];

/**
 * Whether a module's stored bias can only be zeros. AutoGPTQ up to 0.7 stored one for every layer: the files of
 * RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16 hold 1,376,256 more elements than the model has parameters.
 */
export function hasZeroBias(moduleName: string, { config }: Evidence): boolean {
  if (config === null) return false;
  const biased = BIASED_PROJECTIONS.get(readString(config.text, "model_type") ?? config.modelType ?? "");
  if (biased === undefined || BIAS_SWITCHES.some((key) => config.text[key] === true)) return false;
  return !biased.includes(moduleName.slice(moduleName.lastIndexOf(".") + 1));
}
