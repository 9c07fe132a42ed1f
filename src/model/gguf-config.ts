import type { GgufValue } from "../format/gguf/metadata.ts";
import type { JsonObject } from "./config.ts";

/** Keys below `<architecture>.` and what config.json calls them (gguf-py/gguf/constants.py of ggml-org/llama.cpp). */
const NAMES: Readonly<Record<string, string>> = {
  block_count: "num_hidden_layers",
  embedding_length: "hidden_size",
  feed_forward_length: "intermediate_size",
  context_length: "max_position_embeddings",
  vocab_size: "vocab_size",
  "attention.head_count": "num_attention_heads",
  "attention.head_count_kv": "num_key_value_heads",
  "attention.key_length": "head_dim",
  "attention.sliding_window": "sliding_window",
  expert_count: "num_experts",
  expert_used_count: "num_experts_per_tok",
};

/** What a GGUF file says of its model, in the words of config.json. */
export function describeGgufConfig(
  architecture: string | null,
  metadata: ReadonlyMap<string, GgufValue>,
): JsonObject {
  if (architecture === null) return {};
  const entries = Object.entries(NAMES).flatMap(([key, name]) => {
    const value = metadata.get(`${architecture}.${key}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { model_type: architecture, ...Object.fromEntries(entries) };
}
