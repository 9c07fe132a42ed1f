/** Find what quantizing tools work on: the linear layers of a model, and the kind of its architecture. */

import { readString, type Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { findArchitecture } from "../model/architectures.ts";
import { OUTPUT_HEAD } from "../model/ties.ts";
import type { Weight } from "../model/weight.ts";
import type { Role } from "../contract/terms.ts";
import { unknown, type Unknown } from "../contract/unknown.ts";
import {
  sumTensors,
  type Choice,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
} from "./scheme.ts";

/** One matrix multiplication of a transformer block, or several alike that are stored as one array. */
export interface LinearLayer {
  readonly name: string;
  /** More than one for stacked experts. */
  readonly matrices: number;
  readonly outputs: number;
  readonly inputs: number;
}

/** True where linear layers are stored as [inputs, outputs]: the Conv1D of openai-community/gpt2. */
export function isConv1D(config: Config | null): boolean {
  return findArchitecture(config?.modelType)?.isConv1D === true;
}

/** Two-dimensional weights of a block that are looked up or added: T5's relative_attention_bias. */
const NOT_MULTIPLIED = /embed|relative_attention_bias/i;

/** The roles of the linear layers in a transformer block; most tools skip heads, routers and towers. */
export const BLOCK_ROLES: ReadonlySet<Role> = new Set<Role>(["attention", "mlp", "experts"]);

/** Return the linear layer of a weight; null for one that is looked up, added, convolved, or has another role. */
export function readLinearLayer(
  { name, shape, role }: Weight,
  config: Config | null,
  roles: ReadonlySet<Role> = BLOCK_ROLES,
): LinearLayer | null {
  const [first, second, third] = shape;
  if (!roles.has(role) || first === undefined || second === undefined) return null;
  if (role === "experts" && shape.length === 3 && third !== undefined)
    return { name, matrices: first, outputs: second, inputs: third };
  if (shape.length !== 2 || !name.endsWith(".weight") || NOT_MULTIPLIED.test(name)) return null;
  return isConv1D(config)
    ? { name, matrices: 1, outputs: second, inputs: first }
    : { name, matrices: 1, outputs: first, inputs: second };
}

/** Read the number of transformer blocks from config.json; null where it is missing, or larger than the number of weights. */
export function readLayerCount({ weights, config }: LogicalModel): number | null {
  const layers = config && readDimension(config.text, "layers", "encoderLayers");
  return layers !== null && layers <= weights.length ? layers : null;
}

/** Return the token embedding, the largest of the two-dimensional embeddings; null where there is none. */
export function findTokenEmbedding(weights: readonly Weight[]): Weight | null {
  const tables = weights.filter(({ role, shape }) => role === "embedding" && shape.length === 2);
  return tables.reduce<Weight | null>(
    (largest, table) => (largest && largest.parameters >= table.parameters ? largest : table),
    null,
  );
}

/** Return the output head of a language model; null where it is tied to the embedding, or there is none. */
export function findHead(weights: readonly Weight[]): Weight | null {
  const vocabulary = findTokenEmbedding(weights)?.shape[0];
  const isHead = ({ role, name, shape }: Weight) =>
    role === "head" && shape.length === 2 && (shape[0] === vocabulary || OUTPUT_HEAD.test(name));
  return weights.find(isHead) ?? null;
}

/** Return the weights, with a tied head as its own tensor if `separateHead`. */
export function withSeparateHead(
  weights: readonly Weight[],
  separateHead: boolean | undefined,
): readonly Weight[] {
  const embedding = findTokenEmbedding(weights);
  if (!separateHead || !embedding || findHead(weights)) return weights;
  return [...weights, { ...embedding, name: "lm_head.weight", role: "head" }];
}

/** Return the choice to store a tied head the other way than usual; none where the head is untied. */
export function listHeadChoices({ weights }: LogicalModel, isUsuallyAgain: boolean): readonly Choice[] {
  if (findHead(weights) || !findTokenEmbedding(weights)) return [];
  return isUsuallyAgain
    ? [{ because: "tied output head stored once", options: { separateHead: false } }]
    : [{ because: "output head stored again", options: { separateHead: true } }];
}

/** Drop the layers for multi-token prediction: transformers and mlx-lm do not load them (DeepSeek-V3, Qwen3.5). */
export function withoutMtp(weights: readonly Weight[]): readonly Weight[] {
  return weights.filter(({ role }) => role !== "mtp");
}

/**
 * Return why a file with these quantized weights would mislead; null where it would not. Tools skip modules that they
 * do not know, such as stacked experts, and write most of the model as it was. Embeddings and heads do not count, as
 * small models consist of them.
 */
export function refuseMostlyWide(weights: readonly Weight[], quantized: ReadonlySet<Weight>): Unknown | null {
  let wide: Weight | null = null;
  let wideParameters = 0;
  let all = 0;
  for (const weight of weights) {
    if (isVocabularyMatrix(weight)) continue;
    all += weight.parameters;
    if (quantized.has(weight)) continue;
    wideParameters += weight.parameters;
    if (wide === null || weight.parameters > wide.parameters) wide = weight;
  }
  if (wide === null || wideParameters <= all / 2) return null;
  const percent = Math.round((100 * wideParameters) / all);
  return unknown(`${percent} % of the weights, such as ${wide.name}, would stay unquantized`);
}

const FLOAT_BYTES = 2;

/**
 * Predict a file of which a tool quantizes some weights; those that it does not stay in 16 bits. Unknown where most
 * weights would.
 */
export function predictQuantized(
  weights: readonly Weight[],
  quantize: (weight: Weight) => Pick<PredictedTensor, "type" | "bytes"> | null,
  facts: Pick<Prediction, "errorBand" | "assumptions">,
): Prediction | Unknown {
  const quantized = new Set<Weight>();
  const tensors = weights.map((weight) => {
    const stored = quantize(weight);
    if (stored) quantized.add(weight);
    const { name, parameters } = weight;
    return { name, weights: parameters, ...(stored ?? { type: "F16", bytes: parameters * FLOAT_BYTES }) };
  });
  return refuseMostlyWide(weights, quantized) ?? { ...sumTensors(tensors), ...facts };
}

type ArchitectureKind = "decoder" | "encoder" | "encoder-decoder" | "multimodal" | "unknown";

/** Classify a model by config.json and its towers; one with towers that does not generate is unknown: CLIP. */
export function classifyArchitecture({ weights, config }: LogicalModel): ArchitectureKind {
  const row = findArchitecture(config?.modelType);
  if (config?.root["is_encoder_decoder"] === true || row?.role === "encoder-decoder")
    return "encoder-decoder";
  if (row?.isTextEncoder) return "encoder";
  const generates = /(?:ForCausalLM|LMHeadModel|ForConditionalGeneration)$/.test(config?.architecture ?? "");
  if (!generates && !findHead(weights)) return "unknown";
  return weights.some(({ role }) => role === "vision" || role === "audio") ? "multimodal" : "decoder";
}

/** Read the width of unquantized weights: 4 bytes only where config.json sets float32. */
export function readWeightBytes(config: Config | null): 2 | 4 {
  const dtype =
    config &&
    (readString(config.text, "torch_dtype", "dtype") ?? readString(config.root, "torch_dtype", "dtype"));
  return dtype === "float32" ? 4 : 2;
}

/** True for the matrices with one row per token: embeddings and the output head. */
export function isVocabularyMatrix({ role, shape }: Weight): boolean {
  return (role === "embedding" || role === "head") && shape.length === 2;
}
