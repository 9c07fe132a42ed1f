import type { Config } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import { isModelType, modelTypes } from "../../model/architectures.ts";
import type { GgufTensor } from "./tensors.ts";

/** The properties of a model that the rules of a mix depend on. */
export interface ModelTraits {
  readonly layers: number;
  readonly experts: number;
  /** Query heads per key and value head. */
  readonly gqaRatio: number;
  /** The number of tensors that hold values, alone or fused with others. */
  readonly valueTensors: number;
  readonly hasHead: boolean;
  readonly hasDownBias: boolean;
  readonly isFalcon: boolean;
  readonly is70B: boolean;
}

/** llama.cpp calls any model of 80 layers and these types a 70B. Source: ggml-org/llama.cpp, src/llama-model.cpp. */
const isCalled70B = modelTypes("llama qwen2 qwen2_vl qwen2_5_vl nemotron-nas olmo");

export function inferModelTraits(tensors: readonly GgufTensor[], config: Config | null): ModelTraits {
  const layers = countLayers(tensors, config);
  const rowsOf = (suffix: string) => tensors.find(({ name }) => name.endsWith(suffix))?.dimensions[1] ?? 1;
  const gqaRatio = Math.floor(rowsOf("attn_q.weight") / rowsOf("attn_k.weight"));
  const is80 = layers === 80 && isCalled70B(config);
  return {
    layers,
    experts: tensors.find(({ name }) => name.endsWith("_exps.weight"))?.dimensions[2] ?? 1,
    gqaRatio,
    valueTensors: tensors.filter(({ name }) => /attn_(?:v|qkv|kv_b)\.weight$/.test(name)).length,
    hasHead: tensors.some(({ name }) => name === "output.weight"),
    hasDownBias: tensors.some(({ name }) => name.endsWith("ffn_down.bias")),
    isFalcon: isModelType(config, "falcon"),
    // LLaMA-65B of 2023 has 80 layers too, but a value head per query head.
    is70B: is80 && (!isModelType(config, "llama") || gqaRatio > 1),
  };
}

/** Count the layers; for T5, those of its encoder or its decoder. */
function countLayers(tensors: readonly GgufTensor[], config: Config | null): number {
  const seen = tensors.reduce((layers, { layer }) => Math.max(layers, (layer ?? -1) + 1), 0);
  return seen > 0 ? seen : ((config && readDimension(config.text, "layers")) ?? 0);
}
