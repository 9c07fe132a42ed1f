import { isObject, readCount, readString, type Config, type JsonObject } from "../format/config.ts";
import { findArchitecture, type Architecture, type ModelType } from "../model/architectures.ts";

/** Reads counts from the language model's config. What is missing is collected, never guessed. */
export interface ConfigReader {
  /** The type of the language model without `_text`, as in `gemma3`. */
  readonly modelType: string;
  readonly architecture: Architecture | null;
  readonly text: JsonObject;
  /** The decoder also attends to an encoder's output: facebook/bart-base. */
  readonly isEncoderDecoder: boolean;
  readonly vision: JsonObject;
  readonly missing: Set<string>;
  isType(modelType: ModelType): boolean;
  /** Return the count under the first key that is set; NaN where none is, and the keys are added to `missing`. */
  count(...keys: readonly string[]): number;
  /** Like `count`, but null where none is set. */
  optional(...keys: readonly string[]): number | null;
  /** Return a boolean, or `otherwise` where it is not set. Any other value is added to `missing`. */
  flag(key: string, otherwise: boolean): boolean;
}

type Context = Pick<
  ConfigReader,
  "modelType" | "architecture" | "isEncoderDecoder" | "vision" | "missing" | "isType"
>;

export function createConfigReader(config: Config): ConfigReader {
  // An encoder-decoder of two whole configs: google/t5gemma-2b-2b-ul2.
  const { decoder, vision_config: vision } = config.root;
  const text = isObject(decoder) ? decoder : config.text;
  const modelType = (readString(text, "model_type") ?? config.modelType ?? "").replace(
    /_(?:text|text_model|decoder)$/,
    "",
  );
  const architecture = findArchitecture(modelType);
  const context = {
    modelType,
    architecture,
    isEncoderDecoder: false,
    vision: isObject(vision) ? vision : {},
    missing: new Set<string>(),
    isType: (type: ModelType) => type === modelType,
  };
  const isEncoderDecoder =
    createReader(config.root, context).flag("is_encoder_decoder", architecture?.role === "encoder-decoder") ||
    createReader(text, context).flag("is_encoder_decoder", false);
  return createReader(
    { ...readDefaults(architecture, text !== config.root), ...text },
    { ...context, isEncoderDecoder },
  );
}

/** Only a section of a config leaves out its sizes; a whole one without them has lost its section. */
function readDefaults(architecture: Architecture | null, isSection: boolean): JsonObject {
  const defaults = architecture?.defaults ?? {};
  if (isSection) return defaults;
  const { num_hidden_layers: _, hidden_size: __, num_attention_heads: ___, ...rest } = defaults;
  return rest;
}

/** Keys where 0 means that there is none. */
const NONE_IS_ZERO: ReadonlySet<string> = new Set(["num_kv_shared_layers", "index_head_dim"]);

function createReader(text: JsonObject, context: Context): ConfigReader {
  const { missing } = context;
  const isSet = (key: string): boolean => {
    const value = text[key];
    if (value === 0) return !NONE_IS_ZERO.has(key);
    return value !== undefined && value !== null && value !== false;
  };
  const optional = (...keys: readonly string[]): number | null => {
    const key = keys.find(isSet);
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
const PER_LAYER_LISTS = ["num_kv_heads", "num_key_value_heads", "num_key_value_heads_per_layer"] as const;

/** Return a reader for one layer, where the config gives layers values of their own. */
export function readerOfLayer(reader: ConfigReader, layer: number): ConfigReader {
  const own: { [key: string]: unknown } = {};
  for (const list of PER_LAYER_LISTS) {
    const values = reader.text[list];
    if (Array.isArray(values)) own["num_key_value_heads"] = values[layer] ?? "missing";
  }
  // nvidia/Llama-3_3-Nemotron-Super-49B-v1 states how many heads share keys and values.
  const blocks = reader.text["block_configs"];
  if (Array.isArray(blocks))
    own["num_key_value_heads"] = reader.count("num_attention_heads") / (readGqaRatio(blocks[layer]) ?? 1);
  // transformers 5 writes `per_layer_config: {"05": {"head_dim": 512}}` for Gemma 4, in place of `global_head_dim`.
  const overrides = reader.text["per_layer_config"];
  if (overrides && !isObject(overrides)) reader.missing.add("per_layer_config");
  if (isObject(overrides)) {
    own["global_head_dim"] = null;
    for (const width of [1, 2, 3]) {
      const values = overrides[String(layer).padStart(width, "0")];
      if (isObject(values)) Object.assign(own, values);
    }
  }
  return Object.keys(own).length === 0 ? reader : createReader({ ...reader.text, ...own }, reader);
}

/** Return a reader for a config inside the config, such as `attn_config`. */
export function readerOfSection(reader: ConfigReader, section: JsonObject): ConfigReader {
  return createReader(section, reader);
}

/** Return how many heads of a block share a key and a value; null where the block lacks attention. */
export function readGqaRatio(block: unknown): number | null {
  const attention = isObject(block) ? block["attention"] : null;
  return isObject(attention) ? readCount(attention, "n_heads_in_group") : null;
}

/** True for model types whose decoder has been checked. */
export function isKnownDecoder({ architecture }: ConfigReader): boolean {
  return architecture?.role === "causal" || architecture?.role === "encoder-decoder";
}
