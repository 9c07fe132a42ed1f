import { modelTypes } from "../model/architectures.ts";
import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import { isVocabularyMatrix, readLinearLayer } from "./layers.ts";
import {
  buildSchemes,
  sumTensors,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
} from "./scheme.ts";

/** Group quantization of mlc-llm: weights in words of 32 bits, one scale per group, no offsets. */
interface Mode {
  /** Bytes per unquantized weight, and per scale. */
  readonly floatBytes: 2 | 4;
  /** Null where nothing is quantized. */
  readonly groups: { readonly weights: number; readonly words: number } | null;
}

/** mlc-ai/mlc-llm, python/mlc_llm/quantization/quantization.py. Ten 3-bit weights fill a word, so a group of 40 is four. */
const MODES = {
  q4f16_1: { floatBytes: 2, groups: { weights: 32, words: 4 } },
  q4f32_1: { floatBytes: 4, groups: { weights: 32, words: 4 } },
  q3f16_1: { floatBytes: 2, groups: { weights: 40, words: 4 } },
  q0f16: { floatBytes: 2, groups: null },
  q0f32: { floatBytes: 4, groups: null },
} as const satisfies Record<string, Mode>;

/** Generative models that mlc-llm compiles (python/mlc_llm/model/model.py). */
const isCompiled = modelTypes(
  "baichuan chatglm cohere deepseek deepseek_v2 deepseek_v3 gemma gemma2 gemma3_text gpt_neox gptj",
  "internlm internlm2 llama minicpm mistral mixtral nemotron olmo orion phi phi3 phi-msft qwen qwen2 qwen2_moe qwen3",
  "qwen3_moe stablelm starcoder2",
);

/** Routers with up to this many experts stay unquantized (mlc-llm, group_quantization.py, is_moe_gate). */
const MAX_PLAIN_ROUTER_OUTPUTS = 256;

/** MLC, the format of WebLLM: the sum of its params_shard files, without the compiled model library. */
export const MLC = {
  name: "mlc",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode): Prediction | Unknown {
  if (!isCompiled(model.config))
    return unknown(`mlc-llm is not known to compile model type ${model.config?.modelType ?? "unknown"}`);
  return {
    ...sumTensors(model.weights.map((weight) => storeWeight(weight, model, mode))),
    errorBand: 0.0005, // Byte-exact on Phi-3-mini, Qwen2.5-0.5B and phi-2 at q4f16_1.
    assumptions: ["without the tokenizer and the compiled model library"],
  };
}

function storeWeight(
  weight: Weight,
  { config }: LogicalModel,
  { floatBytes, groups }: Mode,
): PredictedTensor {
  const { name, role, shape, parameters } = weight;
  const [rows = 0, columns = 0] = shape;
  const layer = readLinearLayer(weight, config);
  const isLargeRouter = role === "router" && shape.length === 2 && rows > MAX_PLAIN_ROUTER_OUTPUTS;
  const isQuantized = layer || isVocabularyMatrix(weight) || isLargeRouter;
  if (!groups || !isQuantized)
    return { name, type: `float${floatBytes * 8}`, weights: parameters, bytes: parameters * floatBytes };
  const rowsInAll = layer ? layer.matrices * layer.outputs : rows;
  const groupsPerRow = Math.ceil((layer ? layer.inputs : columns) / groups.weights);
  return {
    name,
    type: `int${groups.weights === 40 ? 3 : 4} g${groups.weights}`,
    weights: parameters,
    bytes: rowsInAll * groupsPerRow * (groups.words * 4 + floatBytes),
  };
}
