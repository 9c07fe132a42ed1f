import { modelTypes } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import { findLargest } from "./largest-array.ts";
import { readLinearLayer } from "./layers.ts";
import type { Prediction, Scheme, Subject, Unpredictable } from "./scheme.ts";

/** Group quantization as mlc-llm names it: weights in words of 32 bits, one scale a group, no offsets. */
interface Mode {
  /** Bytes of everything that is not quantized, and of a scale. */
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

/** mlc-llm keeps routers of up to so many experts as they are (group_quantization.py, is_moe_gate). */
const MAX_PLAIN_ROUTER_OUTPUTS = 256;

/** MLC, the format of WebLLM: the sum of its params_shard files, without the compiled model library. */
export const mlcSchemes: readonly Scheme[] = Object.entries(MODES).map(([name, mode]) => ({
  family: "mlc",
  name,
  predict: (subject) => predict(subject, mode),
}));

function predict(subject: Subject, mode: Mode): Prediction | Unpredictable {
  if (!isCompiled(subject.config))
    return {
      bytes: null,
      reason: `mlc-llm has no generative model of type ${subject.config?.modelType ?? "unknown"} that is understood`,
    };
  const arrays = subject.weights.map((weight) => countBytes(weight, subject, mode));
  return {
    bytes: arrays.reduce((sum, bytes) => sum + bytes, 0),
    largestBytes: findLargest(arrays),
    band: 0.0005, // Byte-exact on Phi-3-mini, Qwen2.5-0.5B and phi-2 at q4f16_1.
    assumptions: ["without the tokenizer and the compiled model library"],
  };
}

function countBytes(weight: Weight, { config }: Subject, { floatBytes, groups }: Mode): number {
  const { role, shape, parameters } = weight;
  const [rows = 0, columns = 0] = shape;
  const layer = readLinearLayer(weight, config);
  const whole =
    shape.length === 2 &&
    (role === "embedding" || role === "head" || (role === "router" && rows > MAX_PLAIN_ROUTER_OUTPUTS));
  if (!groups || (!layer && !whole)) return parameters * floatBytes;
  const rowsInAll = layer ? layer.matrices * layer.outputs : rows;
  const groupsPerRow = Math.ceil((layer ? layer.inputs : columns) / groups.weights);
  return rowsInAll * groupsPerRow * (groups.words * 4 + floatBytes);
}
