import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { isModelType, modelTypes, tabulateModelTypes } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import {
  classifyArchitecture,
  isVocabularyMatrix,
  predictQuantized,
  readLinearLayer,
  withoutMtp,
  type LinearLayer,
} from "./layers.ts";
import {
  buildSchemes,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

const BITS = { int8: 8, int4: 4 } as const;

/** An 8-bit row has a scale in 16 bits and a zero point in 8. */
const ROW_BYTES = 3;

/** A 4-bit group has a scale in 16 bits and, unless symmetric, a zero point in 4. */
const GROUP_BYTES = { symmetric: 2, asymmetric: 2.5 } as const;

/** The smallest group that nncf falls back to where rows are not whole groups. */
const MIN_GROUP = 32;

/** How optimum-intel stores a model in 4 bits. */
interface Int4Config {
  /** Weights per scale. */
  readonly groupSize: number;
  readonly symmetric: boolean;
  /** The share of the body's weights in 4 bits; the others, those that it hurts most, stay in 8. */
  readonly int4Share: number;
}

const USUAL: Int4Config = { groupSize: 128, symmetric: false, int4Share: 1 };
const SYMMETRIC: Int4Config = { ...USUAL, symmetric: true };
const GROUPS_OF_64: Int4Config = { ...USUAL, groupSize: 64 };

/** huggingface/optimum-intel, _DEFAULT_4BIT_WQ_CONFIGS, by the width of the MLP, by which the sizes of a family differ. */
const findInt4Configs = tabulateModelTypes<Readonly<Record<number, Int4Config>>>({
  llama: {
    5_632: GROUPS_OF_64, // TinyLlama-1.1B-Chat
    11_008: SYMMETRIC, // Llama-2-7b-chat
    14_336: { ...GROUPS_OF_64, int4Share: 0.8 }, // Llama-3.1-8B, DeepSeek-R1-Distill-Llama-8B
  },
  mistral: { 14_336: { ...SYMMETRIC, int4Share: 0.9 } }, // Mistral-7B
  mixtral: { 14_336: { ...SYMMETRIC, int4Share: 0.8 } }, // Mixtral-8x7B
  qwen2: {
    8_960: { ...USUAL, int4Share: 0.9 }, // Qwen2.5-1.5B
    11_008: GROUPS_OF_64, // Qwen2.5-Coder-3B
  },
  qwen3: {
    6_144: { ...SYMMETRIC, groupSize: 64 }, // Qwen3-1.7B
    9_728: SYMMETRIC, // Qwen3-4B
  },
  starcoder2: { 24_576: GROUPS_OF_64 }, // starcoder2-15b
});

/** Whole families of the same table: phi-2, Phi-3-mini-4k-instruct, stablelm-7b, gpt-j-6b, falcon-7b. */
const hasGroupsOf64 = modelTypes("phi phi3 stablelm gptj falcon");

/** openai/gpt-oss-20b: attention stays in 8 bits. */
const EXPERTS_ONLY: Int4Config = { groupSize: 32, symmetric: true, int4Share: 1 };

function chooseInt4Config(config: Config | null): Int4Config {
  if (hasGroupsOf64(config)) return GROUPS_OF_64;
  if (isModelType(config, "gpt_oss")) return EXPERTS_ONLY;
  const width = config && readDimension(config.text, "intermediateSize");
  return findInt4Configs(config)?.[width ?? 0] ?? USUAL;
}

/** OpenVINO as optimum-intel exports it: openvino_model.bin. */
export const OPENVINO = {
  name: "openvino",
  isSelfContained: false,
  schemes: buildSchemes(BITS, predict, listChoices),
} as const satisfies Ecosystem;

function listChoices({ config }: LogicalModel, bits: number): readonly Choice[] {
  if (bits === 8) return [];
  const { groupSize, symmetric, int4Share } = chooseInt4Config(config);
  const otherSize = groupSize === 128 ? 64 : 128;
  return [
    { because: `groups of ${otherSize}`, options: { groupSize: otherSize } },
    symmetric
      ? { because: "asymmetric, with zero points", options: { symmetric: false } }
      : { because: "symmetric, without zero points", options: { symmetric: true } },
    ...(int4Share < 1 ? [{ because: "every layer in 4 bits", options: { int4Share: 1 } }] : []),
  ];
}

function predict(model: LogicalModel, bits: number, options: SchemeOptions): Prediction | Unknown {
  const { config } = model;
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only OpenVINO files of text decoders are predicted");
  const int4Config: Int4Config = { ...chooseInt4Config(config), ...options };
  const isMixed = bits === 4 && int4Config.int4Share < 1;
  return predictQuantized(
    withoutMtp(model.weights),
    (weight) => {
      const layer = readLinearLayer(weight, config);
      if (!layer && !isVocabularyMatrix(weight)) return null;
      const isWide = !layer || (isModelType(config, "gpt_oss") && weight.role !== "experts");
      return bits === 8 || isWide ? storeRows(weight, layer) : storeGroups(weight, layer, int4Config);
    },
    {
      // Phi-3-mini-4k-instruct at int4 and int8, within their rounding. Which layers stay in 8 bits depends on the weights.
      errorBand: isMixed ? 0.02 : 0.005,
      assumptions: bits === 4 ? listAssumptions(int4Config) : [],
    },
  );
}

type Stored = Pick<PredictedTensor, "type" | "bytes">;

function storeRows({ parameters, shape }: Weight, layer: LinearLayer | null): Stored {
  const rows = layer ? layer.matrices * layer.outputs : (shape[0] ?? 0);
  return { type: "int8", bytes: parameters + ROW_BYTES * rows };
}

function storeGroups(weight: Weight, layer: LinearLayer, int4Config: Int4Config): Stored | null {
  const { groupSize, symmetric, int4Share } = int4Config;
  const group = findGroup(layer.inputs, groupSize);
  if (group === null) return null;
  const groupBytes = GROUP_BYTES[symmetric ? "symmetric" : "asymmetric"];
  const narrow = weight.parameters / 2 + (weight.parameters / group) * groupBytes;
  const wide = storeRows(weight, layer).bytes;
  const type = int4Share < 1 ? `int4 g${group}, or int8` : `int4 g${group}`;
  return { type, bytes: Math.ceil(int4Share * narrow + (1 - int4Share) * wide) };
}

function listAssumptions({ groupSize, symmetric, int4Share }: Int4Config): readonly string[] {
  const percent = Math.round(100 * int4Share);
  return [
    `groups of ${groupSize}, ${symmetric ? "symmetric" : "asymmetric"}`,
    int4Share < 1
      ? `${percent} % of the layers in 4 bits, everything else in 8`
      : "every layer in 4 bits, embedding and head in 8",
  ];
}

/** Find the largest group up to `wanted` that divides the rows; null where there is none. */
function findGroup(inputs: number, wanted: number): number | null {
  for (let group = wanted; group >= MIN_GROUP; group /= 2) if (inputs % group === 0) return group;
  return null;
}
