import { type Config } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import { isModelType, modelTypes } from "../../model/architectures.ts";
import type { ModelTraits } from "./kind-rules.ts";
import type { GgufTensor } from "./tensors.ts";

/** Kinds of which llama.cpp calls every model of 80 layers a 70B. Source: ggml-org/llama.cpp, src/llama-model.cpp. */
const isCalled70B = modelTypes("llama qwen2 qwen2_vl qwen2_5_vl nemotron-nas olmo");

/** Reads off the tensors what the rules of a mix ask of a model. */
export function inferModelTraits(tensors: readonly GgufTensor[], config: Config | null): ModelTraits {
  const layers = countLayers(tensors, config);
  const rowsOf = (part: string) => tensors.find(({ name }) => name.endsWith(part))?.dimensions[1] ?? 1;
  const gqaRatio = Math.floor(rowsOf("attn_q.weight") / rowsOf("attn_k.weight"));
  const is80 = layers === 80 && isCalled70B(config);
  return {
    layers,
    experts: tensors.find(({ name }) => name.endsWith("_exps.weight"))?.dimensions[2] ?? 1,
    gqaRatio,
    values: tensors.filter(({ name }) => /attn_(?:v|qkv|kv_b)\.weight$/.test(name)).length,
    hasHead: tensors.some(({ name }) => name === "output.weight"),
    isFalcon: isModelType(config, "falcon"),
    // LLaMA-65B of 2023, whose heads all have values of their own, is no 70B.
    is70B: is80 && (!isModelType(config, "llama") || gqaRatio > 1),
  };
}

/** T5 counts the layers of one of its two stacks. */
function countLayers(tensors: readonly GgufTensor[], config: Config | null): number {
  const seen = tensors.reduce((layers, { layer }) => Math.max(layers, (layer ?? -1) + 1), 0);
  return seen > 0 ? seen : ((config && readDimension(config.text, "layers")) ?? 0);
}
