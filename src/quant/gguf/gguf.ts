import type { Prediction, Scheme, SchemeOptions, Subject, Unpredictable } from "../scheme.ts";
import { computeBlockBytes, fitsRows, type BlockType } from "./block-types.ts";
import { FILE_TYPES, isPlain, type FileType } from "./file-types.ts";
import { chooseBlockType, findMixedPart } from "./mix.ts";
import type { MixedModel, Recipe } from "./part-rules.ts";
import { layOutTensors, type GgufTensor } from "./tensors.ts";
import { estimateMetadataBytes } from "./tokenizer.ts";

/** Files for llama.cpp, Ollama and LM Studio: every type llama-quantize writes. */
export const GGUF_SCHEMES: readonly Scheme[] = FILE_TYPES.map((fileType) => ({
  family: "gguf",
  name: fileType,
  predict: (subject, options = {}) => predictGguf(fileType, subject, options),
}));

function predictGguf(fileType: FileType, subject: Subject, options: SchemeOptions): Prediction | Unpredictable {
  const { tensors, reason } = layOutTensors(subject, options.separateHead ?? false);
  if (tensors === undefined) return { bytes: null, reason };
  const recipe: Recipe = { fileType, imatrix: options.imatrix ?? true, headType: null };
  const model = describeModel(tensors, subject);
  const metadata = estimateMetadataBytes(0, subject.config);
  const indexes = new Map<string, number>();
  let header = 24 + metadata.bytes;
  let data = 0;
  for (const tensor of tensors) {
    header += 24 + tensor.name.length + 8 * tensor.dimensions.length;
    const [columns = 1] = tensor.dimensions;
    const weights = tensor.dimensions.reduce((product, dimension) => product * dimension, 1);
    const type = chooseType(recipe, model, tensor, columns, indexes);
    data += align(computeBlockBytes(type, weights));
  }
  const bytes = align(header) + data;
  return { bytes, band: 0.01, assumptions: [] };
}

function chooseType(recipe: Recipe, model: MixedModel, tensor: GgufTensor, columns: number, indexes: Map<string, number>): BlockType {
  if (tensor.isMxfp4) return "MXFP4";
  if (!isQuantized(tensor)) return "F32";
  if (isPlain(recipe.fileType)) return recipe.fileType as BlockType;
  const part = findMixedPart(tensor.name);
  const index = part === null ? 0 : (indexes.get(part) ?? 0);
  if (part !== null) indexes.set(part, index + 1);
  return chooseBlockType(recipe, model, {
    name: tensor.name,
    columns,
    isStack: tensor.dimensions.length > 2,
    index,
    layer: tensor.layer ?? 0,
  });
}

const KEPT = /_norm\.weight$|ffn_gate_inp|altup|laurel|per_layer_model_proj|^position_embd|^token_types|ssm_conv1d|shortconv\.conv|attn_rel_b/;

function isQuantized({ name, dimensions }: GgufTensor): boolean {
  return dimensions.length > 1 && name.endsWith(".weight") && !KEPT.test(name);
}

function describeModel(tensors: readonly GgufTensor[], subject: Subject): MixedModel {
  const find = (name: string) => tensors.find((tensor) => tensor.name === name);
  const layers = 1 + Math.max(-1, ...tensors.map(({ layer }) => layer ?? -1));
  const [, queries = 1] = tensors.find(({ name }) => name.endsWith("attn_q.weight"))?.dimensions ?? [];
  const [, keys = queries] = tensors.find(({ name }) => name.endsWith("attn_k.weight"))?.dimensions ?? [];
  const stack = tensors.find(({ name }) => name.endsWith("_exps.weight"));
  const queriesPerValue = Math.floor(queries / keys);
  return {
    layers,
    experts: stack?.dimensions[2] ?? 1,
    queriesPerValue,
    values: tensors.filter(({ name }) => /attn_(?:v|qkv|kv_b)\.weight$/.test(name)).length,
    hasHead: find("output.weight") !== undefined,
    isFalcon: subject.config?.modelType === "falcon",
    is70B: false,
  };
}

function align(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}
void fitsRows;
