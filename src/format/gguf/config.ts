import type { JsonObject } from "../../contract/json.ts";
import type { Tensor } from "../tensor.ts";
import type { GgufValue } from "./metadata.ts";

/** Keys below `<architecture>.` and what config.json calls them (gguf-py/gguf/constants.py of ggml-org/llama.cpp). */
const NAMES: Readonly<Record<string, string>> = {
  block_count: "num_hidden_layers",
  decoder_block_count: "num_decoder_layers", // google/byt5-small: 4, and 12 of its encoder
  embedding_length: "hidden_size",
  feed_forward_length: "intermediate_size",
  context_length: "max_position_embeddings",
  vocab_size: "vocab_size",
  "attention.head_count": "num_attention_heads",
  "attention.head_count_kv": "num_key_value_heads",
  "attention.key_length": "head_dim",
  "attention.value_length": "v_head_dim",
  "attention.kv_lora_rank": "kv_lora_rank",
  expert_feed_forward_length: "moe_intermediate_size",
  expert_count: "num_experts",
  expert_used_count: "num_experts_per_tok",
  nextn_predict_layers: "num_nextn_predict_layers",
};

/** Translate the metadata of a GGUF file to the keys of config.json; `gguf` keeps the words below the architecture. */
export function buildGgufConfig(
  architecture: string | null,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly Pick<Tensor, "name" | "shape">[] = [],
): JsonObject {
  if (architecture === null) return {};
  const entries = Object.entries(NAMES).flatMap(([key, name]) => {
    const value = metadata.get(`${architecture}.${key}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  const config: Record<string, unknown> = { model_type: architecture, ...Object.fromEntries(entries) };
  const { num_attention_heads: heads, hidden_size: hidden } = config;
  // Layers for multi-token prediction are blocks as well: unsloth/GLM-4.5-Air-GGUF has 47.
  const { num_hidden_layers: blocks, num_nextn_predict_layers: mtpLayers } = config;
  if (typeof blocks === "number" && typeof mtpLayers === "number" && mtpLayers < blocks)
    config["num_hidden_layers"] = blocks - mtpLayers;
  // The defaults of llama.cpp: src/llama-model.cpp.
  config["num_key_value_heads"] ??= heads;
  if (typeof heads === "number" && typeof hidden === "number") config["head_dim"] ??= hidden / heads;
  // Most files leave it out; the embedding has one row per token.
  config["vocab_size"] ??= tensors.find(({ name }) => name === "token_embd.weight")?.shape[0];
  const prefix = `${architecture}.`;
  config["gguf"] = Object.fromEntries(
    [...metadata].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
  return config;
}
