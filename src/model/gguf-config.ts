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
  "attention.value_length": "v_head_dim",
  "attention.key_length_swa": "swa_head_dim",
  "attention.value_length_swa": "swa_v_head_dim",
  "attention.shared_kv_layers": "num_kv_shared_layers",
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
  const config: Record<string, unknown> = { model_type: architecture, ...Object.fromEntries(entries) };
  const { num_attention_heads: heads, hidden_size: hidden } = config;
  // What llama.cpp takes where a file does not say: src/llama-model.cpp.
  config["num_key_value_heads"] ??= heads;
  if (typeof heads === "number" && typeof hidden === "number") config["head_dim"] ??= hidden / heads;
  const pattern = metadata.get(`${architecture}.attention.sliding_window_pattern`);
  if (Array.isArray(pattern))
    config["layer_types"] = pattern.map((slides) => (slides ? "sliding_attention" : "full_attention"));
  // How many layers share a cache has no default that holds for all sizes: 10 in E2B of Gemma 3n, 15 in E4B.
  if (SHARING.has(architecture)) config["num_kv_shared_layers"] ??= "not said";
  return config;
}

/** Whose last layers read the caches of earlier ones. */
const SHARING: ReadonlySet<string> = new Set(["gemma3n", "gemma4"]);
