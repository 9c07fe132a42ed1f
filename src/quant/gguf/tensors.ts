import { unknown, type Unknown } from "../../contract/unknown.ts";
import { isObject, readString, type Config } from "../../format/config.ts";
import { readDimension, readHeadSize } from "../../format/dimensions.ts";
import { isModelType } from "../../model/architectures.ts";
import type { Weight } from "../../model/weight.ts";
import type { LogicalModel } from "../scheme.ts";
import { splitFused } from "./fused.ts";
import { findGgufName } from "./gguf-name.ts";

/** A tensor of a GGUF file. */
export interface GgufTensor {
  readonly name: string;
  /** In the order of GGUF: the length of a row first. */
  readonly dimensions: readonly number[];
  /** The number in `blk.0.`; null elsewhere. */
  readonly layer: number | null;
  /** True where the checkpoint is packed as MXFP4, and with it every file made from it: the experts of gpt-oss. */
  readonly isMxfp4: boolean;
}

/** The tensors of the file, in the order in which the tool counts them. */
export interface Layout {
  readonly tensors: readonly GgufTensor[];
  readonly embedding: GgufTensor;
}

/** Tensors that the converter drops: unused heads, and layers for multi-token prediction. */
const LEFT_OUT = /^(?:\w+\.)?(?:pooler|cls|vocab_transform|vocab_layer_norm|vocab_projector|mtp)\./;

const PROJECTOR = /^(?:\w+\.)?(?:connector|embed_vision|embed_audio)\./;

/** True for towers and projectors, which get a file of their own. */
export function isProjectorWeight({ name, role }: Weight): boolean {
  return role === "vision" || role === "audio" || PROJECTOR.test(name);
}

/** All file types of a model share a layout, and laying out the 18,867 tensors of Qwen3-30B-A3B takes time. */
const layouts = new WeakMap<LogicalModel, Layout | Unknown>();

/** List the tensors that llama.cpp's converter writes for a model. Source: ggml-org/llama.cpp, convert_hf_to_gguf.py. */
export function layOutTensors(model: LogicalModel): Layout | Unknown {
  const known = layouts.get(model);
  if (known !== undefined) return known;
  const layout = buildLayout(model);
  layouts.set(model, layout);
  return layout;
}

function buildLayout({ weights, config }: LogicalModel): Layout | Unknown {
  const hasPostNorms = weights.some(({ name }) => name.includes("post_feedforward_layernorm"));
  const merged = new Map<string, MergedTensor>();
  for (const weight of weights) {
    if (isProjectorWeight(weight) || LEFT_OUT.test(weight.name)) continue;
    const { name: ggufName, layer, isKnown, isOneOfMany } = findGgufName(weight.name);
    if (isBeyondLastLayer(layer, config)) continue;
    const shape = toGgufShape(weight, config);
    if (!isKnown && shape.length > 1)
      return unknown(`llama.cpp does not map ${weight.name} of ${config?.modelType ?? "this model"}`);
    // Gemma 2 has norms before and after attention and MLP; elsewhere the norm after attention is the MLP's.
    const isPostNorm = hasPostNorms && weight.name.endsWith("post_attention_layernorm.weight");
    const name = isPostNorm ? ggufName.replace("ffn_norm", "post_attention_norm") : ggufName;
    const known = merged.get(name);
    if (known === undefined) merged.set(name, { first: weight, shape, layer, count: 1 });
    else if (isOneOfMany && known.shape.join() === shape.join()) known.count++;
    else return unknown(`${known.first.name} and ${weight.name} would both be ${name} in GGUF`);
  }
  const tensors = [...merged].flatMap(([name, tensor]) => toTensors(name, tensor, config));
  const embedding = tensors.find(({ name }) => name === "token_embd.weight");
  if (embedding === undefined) return unknown("no token embedding was found");
  tensors.push(...listRopeFactors(config));
  return { tensors: tensors.toSorted(compareTensors), embedding };
}

/** Split stacked experts into one tensor per expert, as converters of 2023 wrote them: TheBloke/Mixtral-8x7B-v0.1-GGUF. */
export function splitExperts(tensors: readonly GgufTensor[]): readonly GgufTensor[] {
  return tensors.flatMap((tensor) => {
    const { name, dimensions } = tensor;
    const [columns = 1, rows = 1, experts = 1] = dimensions;
    if (!name.endsWith("_exps.weight")) return [tensor];
    return Array.from({ length: experts }, (_, expert) => ({
      ...tensor,
      name: name.replace("_exps.weight", `.${expert}.weight`),
      dimensions: [columns, rows],
    }));
  });
}

/** Fuse queries, keys and values into one tensor, as the checkpoint of phi-2 had them in 2023: TheBloke/phi-2-GGUF. */
export function fuseAttention(tensors: readonly GgufTensor[]): readonly GgufTensor[] {
  const rows = new Map(tensors.map(({ name, dimensions }) => [name, dimensions.at(-1) ?? 0]));
  return tensors.flatMap((tensor) => {
    const { name, dimensions } = tensor;
    if (/\.attn_[kv]\./.test(name)) return [];
    if (!name.includes(".attn_q.")) return [tensor];
    const parts = ["attn_q", "attn_k", "attn_v"].map((part) => rows.get(name.replace("attn_q", part)) ?? 0);
    const sum = parts.reduce((all, part) => all + part);
    const fused = [...dimensions.slice(0, -1), sum];
    return [{ ...tensor, name: name.replace("attn_q", "attn_qkv"), dimensions: fused }];
  });
}

/** Weights of a checkpoint that become one tensor. */
interface MergedTensor {
  readonly first: Weight;
  readonly shape: readonly number[];
  readonly layer: number | null;
  count: number;
}

/** True for multi-token prediction layers, which the converter drops (layer 61 of DeepSeek-V3) except for GLM-4.5. */
function isBeyondLastLayer(layer: number | null, config: Config | null): boolean {
  const layers = config && readDimension(config.text, "layers");
  return layer !== null && layers !== null && layer >= layers && !isModelType(config, "glm4_moe");
}

function toGgufShape({ name, shape }: Weight, config: Config | null): readonly number[] {
  const [rows = 1, columns = 1] = shape;
  // GPT-2 stores its linear layers as inputs × outputs.
  if (isModelType(config, "gpt2") && /\.c_(?:attn|proj|fc)\.weight$/.test(name)) return [columns, rows];
  // Gemma 3 pads its embedding to 262,208 rows, Gemma 3n to 262,400; their tokenizer has 262,144 tokens.
  if (name.endsWith("embed_tokens.weight") && config?.modelType?.startsWith("gemma3"))
    return [Math.min(rows, 262_144), columns];
  return shape.filter((dimension) => dimension !== 1);
}

function toTensors(
  name: string,
  { first, shape, layer, count }: MergedTensor,
  config: Config | null,
): GgufTensor[] {
  const isMxfp4 = first.dtype === "U8" && first.role === "experts" && shape.length === 3;
  const whole = { name, shape: count > 1 ? [count, ...shape] : shape };
  return splitFused(whole, config).map((split) => ({
    name: split.name,
    dimensions: split.shape.toReversed(),
    layer,
    isMxfp4,
  }));
}

/** List the tables of long contexts, one factor per pair of rotated dimensions: one table for Llama 3.1, two for Phi-3. */
function listRopeFactors(config: Config | null): GgufTensor[] {
  const scaling = config?.text["rope_scaling"] ?? config?.text["rope_parameters"];
  if (!config || !isObject(scaling)) return [];
  const kind = readString(scaling, "rope_type", "type");
  if (kind === "llama3")
    return [toVector("rope_freqs.weight", Math.floor((readHeadSize(config.text) ?? 0) / 2))];
  const factors = scaling["long_factor"];
  if ((kind !== "longrope" && kind !== "su") || !Array.isArray(factors)) return [];
  return ["long", "short"].map((length) => toVector(`rope_factors_${length}.weight`, factors.length));
}

function toVector(name: string, length: number): GgufTensor {
  return { name, dimensions: [length], layer: null, isMxfp4: false };
}

/** Sort in the order of the tool: tensors outside the layers, then layer by layer, then by name. */
function compareTensors(a: GgufTensor, b: GgufTensor): number {
  return (a.layer ?? -1) - (b.layer ?? -1) || (a.name < b.name ? -1 : 1);
}
