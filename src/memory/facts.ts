import { isObject, readCount, readString, type Config, type JsonObject } from "../format/config.ts";
import { isEncoderDecoder } from "./decoders.ts";
import { readGroup } from "./layer-rules.ts";
import { TEXT_DEFAULTS } from "./text-defaults.ts";

/** The language model's config as a source of counts. What it lacks is remembered, never guessed. */
export interface Facts {
  /** As in `gemma3`: the type of the language model, without `_text`. */
  readonly modelType: string;
  readonly text: JsonObject;
  /** A decoder that also attends to an encoder's output: facebook/bart-base. */
  readonly encoderDecoder: boolean;
  readonly vision: JsonObject;
  /** The count under the first of the keys that is there; NaN, remembered as missing, where none is. */
  count(...keys: readonly string[]): number;
  /** The same, but null where none is there, or it is null or false. */
  optional(...keys: readonly string[]): number | null;
  /** Whether something is so; the second where the config does not say. Anything but true or false is missing. */
  flag(key: string, otherwise: boolean): boolean;
  readonly missing: Set<string>;
}

export function collectFacts(config: Config): Facts {
  // An encoder-decoder of two whole configs: google/t5gemma-2b-2b-ul2.
  const { decoder } = config.root;
  const text = isObject(decoder) ? decoder : config.text;
  const modelType = (readString(text, "model_type") ?? config.modelType ?? "").replace(
    /_(?:text|text_model|decoder)$/,
    "",
  );
  const { vision_config: vision } = config.root;
  const missing = new Set<string>();
  const context = { modelType, vision: isObject(vision) ? vision : {}, missing };
  const root = createFacts(config.root, { ...context, encoderDecoder: false });
  const part = createFacts(text, { ...context, encoderDecoder: false });
  const isPair = isEncoderDecoder(modelType);
  return createFacts(
    { ...readDefaults(modelType, text !== config.root), ...text },
    {
      ...context,
      encoderDecoder: root.flag("is_encoder_decoder", isPair) || part.flag("is_encoder_decoder", false),
    },
  );
}

/** Only a part of a config leaves out its sizes; a whole one without them has lost its part. */
function readDefaults(modelType: string, isPart: boolean): JsonObject {
  const defaults = TEXT_DEFAULTS.get(modelType) ?? {};
  if (isPart) return defaults;
  const { num_hidden_layers: _, hidden_size: __, num_attention_heads: ___, ...rest } = defaults;
  return rest;
}

/** Where 0 says that there is none. */
const NONE_IS_ZERO: ReadonlySet<string> = new Set(["num_kv_shared_layers", "index_head_dim"]);

function createFacts(text: JsonObject, context: Omit<Facts, "text" | "count" | "optional" | "flag">): Facts {
  const { missing } = context;
  const isGiven = (key: string): boolean => {
    const value = text[key];
    if (value === 0) return !NONE_IS_ZERO.has(key);
    return value !== undefined && value !== null && value !== false;
  };
  const optional = (...keys: readonly string[]): number | null => {
    const key = keys.find(isGiven);
    if (key === undefined) return null;
    const value = readCount(text, key);
    if (value === null) missing.add(key);
    return value ?? Number.NaN;
  };
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = text[key] ?? otherwise;
    if (typeof value === "boolean") return value;
    missing.add(key);
    return otherwise;
  };
  const count = (...keys: readonly string[]): number => {
    const value = optional(...keys);
    if (value === null) missing.add(keys.join(" or "));
    return value ?? Number.NaN;
  };
  return { ...context, text, count, optional, flag };
}

/** Lists with a value for each layer: apple/OpenELM-270M, Deci/DeciLM-7B. */
const PER_LAYER_LISTS = [
  ["num_kv_heads", "num_key_value_heads"],
  ["num_key_value_heads", "num_key_value_heads"],
  ["num_key_value_heads_per_layer", "num_key_value_heads"],
] as const;

/** What holds of one layer, where the config gives layers values of their own. */
export function factsOfLayer(facts: Facts, layer: number): Facts {
  const own: { [key: string]: unknown } = {};
  for (const [list, key] of PER_LAYER_LISTS) {
    const values = facts.text[list];
    if (Array.isArray(values)) own[key] = values[layer] ?? "missing";
  }
  // nvidia/Llama-3_3-Nemotron-Super-49B-v1 says how many heads share.
  const blocks = facts.text["block_configs"];
  if (Array.isArray(blocks))
    own["num_key_value_heads"] = facts.count("num_attention_heads") / (readGroup(blocks[layer]) ?? 1);
  // transformers 5 writes `per_layer_config: {"05": {"head_dim": 512}}` for Gemma 4, in place of `global_head_dim`.
  const overrides = facts.text["per_layer_config"];
  if (overrides && !isObject(overrides)) facts.missing.add("per_layer_config");
  if (isObject(overrides)) {
    own["global_head_dim"] = null;
    for (const width of [1, 2, 3]) {
      const values = overrides[String(layer).padStart(width, "0")];
      if (isObject(values)) Object.assign(own, values);
    }
  }
  if (Object.keys(own).length === 0) return facts;
  return createFacts({ ...facts.text, ...own }, facts);
}

/** A config inside the config, such as `attn_config`, read the same way. */
export function factsOfPart(facts: Facts, part: JsonObject): Facts {
  return createFacts(part, facts);
}
