import type { Config, JsonObject } from "../format/config.ts";
import { HEAD_KEYS } from "./layer-widths.ts";

/** What families call the numbers that reducing changes. */
const KEYS = {
  layers: [
    "num_hidden_layers",
    "n_layer", // openai-community/gpt2
    "n_layers", // distilbert/distilbert-base-uncased
    "num_layers", // google-t5/t5-base
    "encoder_layers", // facebook/bart-base
  ],
  decoderLayers: ["decoder_layers", "num_decoder_layers"], // google/byt5-small has 12 and 4
  hidden: ["hidden_size", "n_embd", "n_embed", "d_model", "dim"],
  heads: [...HEAD_KEYS, "encoder_attention_heads"],
  keyValueHeads: ["num_key_value_heads"],
  headSize: ["head_dim", "d_kv"],
  intermediate: ["intermediate_size", "n_inner", "hidden_dim", "d_ff", "encoder_ffn_dim", "decoder_ffn_dim"],
} as const;

/** A config.json that says the new numbers where it said the old ones, so that a scheme's rules see the model meant. */
export function reshapeConfig(
  config: Config | null,
  changes: Partial<Record<keyof typeof KEYS, number>>,
): Config | null {
  if (!config) return null;
  const names = (Object.keys(KEYS) as (keyof typeof KEYS)[]).filter((name) => changes[name] !== undefined);
  const entries = names.flatMap((name) =>
    KEYS[name].filter((key) => key in config.text).map((key) => [key, changes[name]] as const),
  );
  return withText(config, Object.fromEntries(entries));
}

/** A config.json that says whether the output head is the embedding. */
export function tieConfig(config: Config | null, isTied: boolean): Config | null {
  return config && withText(config, { tie_word_embeddings: isTied });
}

function withText(config: Config, changes: JsonObject): Config {
  const text = { ...config.text, ...changes };
  return { ...config, text, root: config.root === config.text ? text : config.root };
}
