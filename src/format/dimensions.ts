import { readCount, type JsonObject } from "./config.ts";

/**
 * What families call the dimensions of a model in config.json, in order of preference.
 * From huggingface/transformers, `attribute_map` of each configuration class.
 */
const DIMENSIONS = {
  layers: [
    "num_hidden_layers",
    "n_layer", // openai-community/gpt2
    "n_layers", // mosaicml/mpt-7b, distilbert/distilbert-base-uncased
    "num_layers", // google-t5/t5-base
    "num_transformer_layers", // apple/OpenELM-270M
  ],
  encoderLayers: ["encoder_layers"], // openai/whisper-tiny
  decoderLayers: [
    "num_decoder_layers", // google/flan-t5-base
    "decoder_layers", // facebook/bart-base, whose num_hidden_layers counts the encoder's
  ],
  mtpLayers: [
    "num_nextn_predict_layers", // deepseek-ai/DeepSeek-V3
    "mtp_num_hidden_layers", // Qwen/Qwen3.5-35B-A3B
    "num_mtp_modules", // MiniMaxAI/MiniMax-M2
  ],
  hiddenSize: [
    "n_embed", // bigscience/bloom-560m, whose class prefers it to hidden_size
    "hidden_size",
    "n_embd", // openai-community/gpt2
    "d_model", // google-t5/t5-base
    "dim", // distilbert/distilbert-base-uncased
  ],
  intermediateSize: [
    "intermediate_size",
    "n_inner", // openai-community/gpt2
    "hidden_dim", // distilbert/distilbert-base-uncased
    "d_ff", // google-t5/t5-base
    "encoder_ffn_dim", // facebook/bart-base
    "decoder_ffn_dim",
  ],
  heads: [
    "num_attention_heads",
    "n_head", // openai-community/gpt2
    "n_heads", // mosaicml/mpt-7b
    "num_heads", // google-t5/t5-base
    "attention_heads", // facebook/xglm-564M
  ],
  encoderHeads: ["encoder_attention_heads"], // facebook/bart-base
  decoderHeads: [
    "num_decoder_attention_heads", // microsoft/prophetnet-large-uncased
    "decoder_attention_heads", // facebook/bart-base
  ],
  kvHeads: ["num_key_value_heads", "num_kv_heads", "n_head_kv"],
  headSize: [
    "attention_head_dim", // Zyphra/Zamba2-7B, whose kv_channels is half of it
    "head_dim",
    "kv_channels", // zai-org/chatglm3-6b, Qwen/Qwen-7B
    "d_kv", // google-t5/t5-base
  ],
  vocabSize: ["vocab_size"],
  contextLength: [
    "max_position_embeddings",
    "n_positions", // openai-community/gpt2, google-t5/t5-base
    "max_target_positions", // openai/whisper-tiny
    "max_sequence_length",
    "max_seq_len", // mosaicml/mpt-7b
    "seq_length", // zai-org/chatglm3-6b, bigscience/bloom
    "max_context_length", // apple/OpenELM-270M
    "n_ctx",
  ],
  slidingWindow: ["sliding_window", "attention_chunk_size", "attention_window_size"],
  experts: [
    "num_local_experts", // mistralai/Mixtral-8x7B-v0.1, openai/gpt-oss-20b
    "num_experts", // Qwen/Qwen3-30B-A3B
    "n_routed_experts", // deepseek-ai/DeepSeek-V3
    "moe_num_experts", // baidu/ERNIE-4.5
    "moe_num_primary_experts", // PowerInfer/SmallThinker-21BA3B-Instruct
  ],
  expertsPerToken: [
    "num_experts_per_tok", // mistralai/Mixtral-8x7B-v0.1, Qwen/Qwen3-30B-A3B, deepseek-ai/DeepSeek-V3
    "num_experts_per_token", // openai/gpt-oss, older configs
    "experts_per_token",
    "top_k_experts", // google/gemma-4-26B-A4B-it
    "moe_topk", // tencent/Hunyuan-A13B-Instruct
    "moe_k", // baidu/ERNIE-4.5
    "moe_top_k",
    "num_selected_experts",
    "moe_num_active_primary_experts", // PowerInfer/SmallThinker-21BA3B-Instruct
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Dimension = keyof typeof DIMENSIONS;

/** Return the keys of one or several dimensions, in order of preference. */
export function keysOf(dimension: Dimension, ...others: readonly Dimension[]): readonly string[] {
  const keys: readonly string[] = DIMENSIONS[dimension];
  return others.reduce((all, other) => [...all, ...DIMENSIONS[other]], keys);
}

/** Return the elements of one head: as stated, or the hidden size divided by the heads; null where neither is known. */
export function readHeadSize(object: JsonObject): number | null {
  const [hidden, heads] = [readDimension(object, "hiddenSize"), readDimension(object, "heads")];
  return readDimension(object, "headSize") ?? (hidden === null || heads === null ? null : hidden / heads);
}

/** Return the first of these dimensions that an object of config.json states; null where it states none. */
export function readDimension(object: JsonObject, ...dimensions: readonly Dimension[]): number | null {
  for (const dimension of dimensions) {
    const count = readCount(object, ...DIMENSIONS[dimension]);
    if (count !== null) return count;
  }
  return null;
}
