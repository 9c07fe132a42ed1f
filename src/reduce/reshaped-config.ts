import type { Config, JsonObject } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";

/** Config keys of the dimensions that techniques change. */
const KEYS = {
  layers: keysOf("layers", "encoderLayers"),
  decoderLayers: keysOf("decoderLayers"), // google/byt5-small has 12 and 4
  hidden: keysOf("hiddenSize"),
  heads: keysOf("heads", "encoderHeads", "decoderHeads"),
  keyValueHeads: keysOf("kvHeads"),
  headSize: keysOf("headSize"),
  intermediate: keysOf("intermediateSize"),
} as const;

/** Return the config with new dimensions under the keys it uses, so that the rules of schemes see the new model. */
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

/** Return the config with `tie_word_embeddings` set. */
export function tieConfig(config: Config | null, isTied: boolean): Config | null {
  return config && withText(config, { tie_word_embeddings: isTied });
}

function withText(config: Config, changes: JsonObject): Config {
  const text = { ...config.text, ...changes };
  return { ...config, text, root: config.root === config.text ? text : config.root };
}
