import { readString } from "../../format/config.ts";
import { tabulateModelTypes } from "../architectures.ts";
import type { PackingHints } from "./hints.ts";

const QKV = ["q_proj", "k_proj", "v_proj"];

/** The projections that have a bias, in architectures where most have none. */
const findBiasedProjections = tabulateModelTypes<readonly string[]>({
  llama: [],
  mistral: [],
  mixtral: [],
  gemma: [],
  gemma2: [],
  phi3: [],
  qwen2: QKV,
  qwen2_moe: QKV,
  qwen3: [],
  qwen3_moe: [],
});

/** Switches that give a Llama-like model biases after all. `bias`: InternLM as Llama. */
const BIAS_SWITCHES: readonly string[] = ["attention_bias", "mlp_bias", "bias", "qkv_bias"];

/**
 * True where the stored bias of a module can only be zeros. AutoGPTQ up to 0.7 stored one for every layer: the files of
 * RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16 hold 1,376,256 more elements than the model has parameters.
 */
export function hasZeroBias(moduleName: string, { config }: PackingHints): boolean {
  if (config === null) return false;
  const modelType = readString(config.text, "model_type") ?? config.modelType;
  const biased = findBiasedProjections({ ...config, modelType });
  if (biased === null || BIAS_SWITCHES.some((key) => config.text[key] === true)) return false;
  return !biased.includes(moduleName.slice(moduleName.lastIndexOf(".") + 1));
}
