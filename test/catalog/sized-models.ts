import type { JsonObject } from "../../src/format/config.ts";
import { DTYPE_BITS } from "../../src/source/tensor.ts";
import type { NamedShape } from "./fold.ts";

/**
 * Well-known models that are not recorded, but have the tensors of a recorded one in other dimensions. The real file proves
 * it: its size is, to the byte, that of all tensors and of the header that names them (`countFileBytes`).
 */
interface SizedModel {
  readonly id: string;
  /** The recorded model, by its id. */
  readonly like: string;
  /** Dimensions by those of the recorded model. */
  readonly dimensions?: { readonly [recorded: number]: number };
  readonly layers?: number | { readonly encoder: number; readonly decoder: number };
  readonly dtype?: "F32" | "F16" | "BF16";
  /** Stored in addition. */
  readonly added?: readonly NamedShape[];
  /** What config.json has in place of the recorded model's. */
  readonly config?: JsonObject;
  /** The size of `model.safetensors`. */
  readonly fileBytes: number;
}

const BERT_POSITIONS: readonly NamedShape[] = [["embeddings.position_ids", [1, 512], "I64"]];

/** MiniLM in 12 layers, for embeddings of 384 numbers. */
const SMALL_BERT = { like: "Supabase/gte-small", added: BERT_POSITIONS, dtype: "F32" } as const;
const BASE_BERT = {
  ...SMALL_BERT,
  dimensions: { 384: 768, 1536: 3072 },
  config: { hidden_size: 768, intermediate_size: 3072 },
} as const;
const SMALL_GEMMA = {
  like: "google/gemma-3-1b-it",
  dimensions: { 1152: 640, 6912: 2048 },
  layers: 18,
  config: { hidden_size: 640, intermediate_size: 2048, num_hidden_layers: 18 },
} as const;
const LARGE_WHISPER = {
  like: "openai/whisper-base",
  dimensions: { 512: 1280, 2048: 5120, 80: 128, 51865: 51866 },
  dtype: "F16",
} as const;
const LARGE_WHISPER_CONFIG = {
  d_model: 1280,
  encoder_attention_heads: 20,
  decoder_attention_heads: 20,
  encoder_ffn_dim: 5120,
  decoder_ffn_dim: 5120,
  encoder_layers: 32,
  num_hidden_layers: 32,
  num_mel_bins: 128,
  vocab_size: 51866,
  torch_dtype: "float16",
} as const;
const SMOL_360M = {
  like: "HuggingFaceTB/SmolLM2-135M",
  dimensions: { 576: 960, 192: 320, 1536: 2560 },
  layers: 32,
  dtype: "BF16",
  config: {
    hidden_size: 960,
    intermediate_size: 2560,
    num_attention_heads: 15,
    num_key_value_heads: 5,
    num_hidden_layers: 32,
    torch_dtype: "bfloat16",
  },
  fileBytes: 723_674_912,
} as const;

const SIZED_MODELS: readonly SizedModel[] = [
  { id: "BAAI/bge-small-en-v1.5", ...SMALL_BERT, fileBytes: 133_466_304 },
  { id: "BAAI/bge-base-en-v1.5", ...BASE_BERT, fileBytes: 437_955_512 },
  {
    id: "BAAI/bge-large-en-v1.5",
    ...SMALL_BERT,
    dimensions: { 384: 1024, 1536: 4096 },
    layers: 24,
    config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
    },
    fileBytes: 1_340_616_616,
  },
  { id: "google/gemma-3-270m", ...SMALL_GEMMA, fileBytes: 536_223_056 },
  { id: "google/gemma-3-270m-it", ...SMALL_GEMMA, fileBytes: 536_223_056 },
  {
    id: "HuggingFaceTB/SmolLM2-135M-Instruct",
    like: "HuggingFaceTB/SmolLM2-135M",
    dtype: "BF16",
    config: { torch_dtype: "bfloat16" },
    fileBytes: 269_060_552,
  },
  { id: "HuggingFaceTB/SmolLM2-360M", ...SMOL_360M },
  { id: "HuggingFaceTB/SmolLM2-360M-Instruct", ...SMOL_360M },
  { id: "intfloat/e5-small-v2", ...SMALL_BERT, fileBytes: 133_466_304 },
  { id: "intfloat/e5-base-v2", ...BASE_BERT, fileBytes: 437_955_512 },
  {
    id: "intfloat/multilingual-e5-small",
    ...SMALL_BERT,
    dimensions: { 30522: 250037 },
    config: { vocab_size: 250037 },
    fileBytes: 470_641_600,
  },
  { id: "meta-llama/Llama-3.2-1B", like: "meta-llama/Llama-3.2-1B-Instruct", fileBytes: 2_471_645_608 },
  {
    id: "openai/whisper-small",
    like: "openai/whisper-base",
    dimensions: { 512: 768, 2048: 3072 },
    layers: 12,
    config: {
      d_model: 768,
      encoder_attention_heads: 12,
      decoder_attention_heads: 12,
      encoder_ffn_dim: 3072,
      decoder_ffn_dim: 3072,
      encoder_layers: 12,
      decoder_layers: 12,
      num_hidden_layers: 12,
    },
    fileBytes: 966_995_080,
  },
  {
    id: "openai/whisper-large-v3",
    ...LARGE_WHISPER,
    layers: 32,
    config: { ...LARGE_WHISPER_CONFIG, decoder_layers: 32 },
    fileBytes: 3_087_130_976,
  },
  {
    id: "openai/whisper-large-v3-turbo",
    ...LARGE_WHISPER,
    layers: { encoder: 32, decoder: 4 },
    config: { ...LARGE_WHISPER_CONFIG, decoder_layers: 4 },
    fileBytes: 1_617_824_864,
  },
  {
    id: "Qwen/Qwen2.5-1.5B-Instruct",
    like: "Qwen/Qwen2.5-1.5B",
    config: { max_position_embeddings: 32768, sliding_window: 32768, max_window_layers: 21 },
    fileBytes: 3_087_467_144,
  },
  { id: "sentence-transformers/all-MiniLM-L12-v2", ...SMALL_BERT, fileBytes: 133_466_304 },
  {
    id: "thenlper/gte-small",
    ...SMALL_BERT,
    dtype: "F16",
    config: { torch_dtype: "float16" },
    fileBytes: 66_746_168,
  },
];

/** The recorded models whose tensors others have too. */
export const RECORDED_LAYOUTS: ReadonlySet<string> = new Set(SIZED_MODELS.map(({ like }) => like));

/** Tensors of answerdotai/ModernBERT-base: like no recorded model's. Its first layer has no norm before attention. */
const MODERN_BERT: BuiltModel = {
  id: "answerdotai/ModernBERT-base",
  fileBytes: 598_635_032,
  config: {
    architectures: ["ModernBertForMaskedLM"],
    global_attn_every_n_layers: 3,
    hidden_activation: "gelu",
    hidden_size: 768,
    intermediate_size: 1152,
    local_attention: 128,
    max_position_embeddings: 8192,
    model_type: "modernbert",
    num_attention_heads: 12,
    num_hidden_layers: 22,
    torch_dtype: "float32",
    vocab_size: 50368,
  },
  tensors: [
    ["model.embeddings.tok_embeddings.weight", [50368, 768], "F32"],
    ["model.embeddings.norm.weight", [768], "F32"],
    ["model.final_norm.weight", [768], "F32"],
    ["head.dense.weight", [768, 768], "F32"],
    ["head.norm.weight", [768], "F32"],
    ["decoder.bias", [50368], "F32"],
    ...Array.from({ length: 22 }, (_, layer) =>
      (
        [
          ...(layer === 0 ? [] : [["attn_norm", [768]] as const]),
          ["attn.Wqkv", [2304, 768]],
          ["attn.Wo", [768, 768]],
          ["mlp_norm", [768]],
          ["mlp.Wi", [2304, 768]],
          ["mlp.Wo", [768, 1152]],
        ] as const
      ).map(([name, shape]) => [`model.layers.${layer}.${name}.weight`, shape, "F32"] as const),
    ).flat(),
  ],
};

interface Layout {
  readonly id: string;
  readonly config: JsonObject;
  readonly tensors: readonly NamedShape[];
}

interface BuiltModel extends Layout {
  readonly fileBytes: number;
}

/** Build the layouts of all these models from the recorded ones. */
export function buildSizedModels(recorded: readonly Layout[]): BuiltModel[] {
  const built = SIZED_MODELS.map((model) => {
    const base = recorded.find(({ id }) => id === model.like);
    if (!base) throw new Error(`${model.like} is not recorded`);
    const { id, config, fileBytes } = model;
    return {
      id,
      fileBytes,
      config: { ...base.config, ...config },
      tensors: buildTensors(model, base.tensors),
    };
  });
  return [...built, MODERN_BERT];
}

function buildTensors(model: SizedModel, recorded: readonly NamedShape[]): NamedShape[] {
  const built = recorded.flatMap(([name, shape, dtype]) => {
    const sizes = shape.map((size) => model.dimensions?.[size] ?? size);
    return listLayers(name, model.layers).map((one): NamedShape => [one, sizes, model.dtype ?? dtype]);
  });
  return [...built, ...(model.added ?? [])];
}

/** Return the names of a tensor in all layers, for the one in the first layer. */
function listLayers(name: string, layers: SizedModel["layers"]): string[] {
  const [, before = "", index, after = ""] = /^(.*\blayers?\.)(\d+)(\..*)$/.exec(name) ?? [];
  if (layers === undefined || index === undefined) return [name];
  if (index !== "0") return [];
  const stack = before.includes("decoder.") ? "decoder" : "encoder";
  const length = typeof layers === "number" ? layers : layers[stack];
  return Array.from({ length }, (_, layer) => `${before}${layer}${after}`);
}

/** Count the bytes of a safetensors file as the library of that name writes it: sorted by the width of dtypes, then by name. */
export function countFileBytes(tensors: readonly NamedShape[]): number {
  let end = 0;
  const header: Record<string, object> = { __metadata__: { format: "pt" } };
  const sorted = tensors.toSorted(
    ([leftName, , left], [rightName, , right]) =>
      bitsOf(right) - bitsOf(left) || (leftName < rightName ? -1 : 1),
  );
  for (const [name, shape, dtype] of sorted) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, bitsOf(dtype) / 8);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  return 8 + Math.ceil(JSON.stringify(header).length / 8) * 8 + end;
}

const BITS = new Map<string, number>(Object.entries(DTYPE_BITS));

function bitsOf(dtype: string): number {
  return BITS.get(dtype) ?? Number.NaN;
}
