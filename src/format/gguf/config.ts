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
  "attention.key_length_swa": "swa_head_dim",
  "attention.value_length_swa": "swa_v_head_dim",
  "attention.shared_kv_layers": "num_kv_shared_layers",
  "attention.sliding_window": "sliding_window",
  expert_count: "num_experts",
  expert_used_count: "num_experts_per_tok",
};

/** Translate the metadata of a GGUF file to the keys of config.json. */
export function describeGgufConfig(
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
  // The defaults of llama.cpp: src/llama-model.cpp.
  config["num_key_value_heads"] ??= heads;
  if (typeof heads === "number" && typeof hidden === "number") config["head_dim"] ??= hidden / heads;
  // Most files leave it out; the embedding has one row per token.
  config["vocab_size"] ??= tensors.find(({ name }) => name === "token_embd.weight")?.shape[0];
  Object.assign(config, READ_OTHERWISE.get(architecture), describeLatent(architecture, metadata));
  const pattern = metadata.get(`${architecture}.attention.sliding_window_pattern`);
  if (Array.isArray(pattern))
    config["layer_types"] = pattern.map((slides) => (slides ? "sliding_attention" : "full_attention"));
  // The number of layers that share a cache differs by size, so it cannot be assumed: 10 in Gemma 3n E2B, 15 in E4B.
  if (SHARING.has(architecture)) config["num_kv_shared_layers"] ??= "not said";
  return config;
}

/** Keys to change by architecture: config.json uses other ones for the same fact, or llama.cpp does not implement it. */
const READ_OTHERWISE: ReadonlyMap<string, JsonObject> = new Map([
  // tiiuae/falcon-40b: its GGUF file states 8 key-value heads; in config.json that needs this key.
  ["falcon", { new_decoder_architecture: true }],
  // microsoft/Phi-3-mini-4k-instruct: "Phi SWA is currently disabled", src/models/phi3.cpp, which runs both.
  ["phi3", { sliding_window: null }],
  ["phimoe", { sliding_window: null }],
]);

/**
 * llama.cpp keeps latents where a file gives the sizes of expanded heads too (`is_mla`, src/llama-hparams.cpp), as those
 * of Mistral 4 do, and all heads of openbmb/MiniCPM3-4B, whose graph expands them (src/models/minicpm3.cpp).
 */
function describeLatent(architecture: string, metadata: ReadonlyMap<string, GgufValue>): JsonObject {
  const read = (key: string) => metadata.get(`${architecture}.attention.${key}`);
  const [rank, kept] = [read("kv_lora_rank"), read("key_length")];
  const [key, value] = [read("key_length_mla"), read("value_length_mla")];
  if (architecture === "minicpm3") return { kv_lora_rank: null };
  if (rank === undefined) return {};
  if (typeof rank !== "number" || typeof kept !== "number" || typeof key !== "number")
    return { kv_lora_rank: "not said" };
  const rotary = kept - rank;
  return {
    kv_lora_rank: rank,
    qk_rope_head_dim: rotary,
    qk_nope_head_dim: key - rotary,
    v_head_dim: value,
  };
}

/** Architectures whose last layers read the caches of earlier ones. */
const SHARING: ReadonlySet<string> = new Set(["gemma3n", "gemma4"]);
