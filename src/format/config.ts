/** The config.json of a model, read as untrusted data. */

import { isObject, type JsonObject } from "../contract/json.ts";

export { isObject, type JsonObject };

export interface Config {
  /** `model_type`, as in `gemma`. */
  readonly modelType: string | null;
  /** The first of `architectures`, as in `GemmaForCausalLM`. */
  readonly architecture: string | null;
  /** The whole file. */
  readonly root: JsonObject;
  /** The language model's section: `text_config` of a multimodal model (Gemma 3, Qwen3-VL), else the whole file. */
  readonly text: JsonObject;
}

/** Keys under which multimodal models keep the language model's config: Gemma 3, DeepSeek-VL2, InternVL, Qwen2.5-Omni. */
const TEXT_CONFIG_KEYS = ["text_config", "language_config", "llm_config", "thinker_config"] as const;

/**
 * Parse the text of a config.json. Python writes `NaN` and `Infinity`, and some editors a byte-order mark, so these
 * are accepted; anything else that is not a JSON object throws a SyntaxError.
 */
export function parseConfig(text: string): Config {
  const root = parsePythonJson(text);
  if (!isObject(root)) throw new SyntaxError("the file is not a JSON object");
  return buildConfig(root);
}

/** Build a config from the parsed object. */
export function buildConfig(root: JsonObject): Config {
  const architectures = root["architectures"];
  return {
    modelType: readString(root, "model_type"),
    // timm writes `architecture`, a single name (timm/resnet50.a1_in1k).
    // diffusers writes `_class_name`, also of a single component.
    architecture:
      (Array.isArray(architectures) && typeof architectures[0] === "string" ? architectures[0] : null) ??
      readString(root, "architecture", "_class_name"),
    root,
    text: listTextSections(root).at(-1) ?? root,
  };
}

/** Build the config of a pipeline from a parsed model_index.json; null where it is not an object. */
export function buildPipelineConfig(index: unknown): Config | null {
  if (!isObject(index)) return null;
  return { modelType: null, architecture: readString(index, "_class_name"), root: index, text: index };
}

/** Qwen2.5-Omni keeps a `text_config` in its `thinker_config`; no known config nests deeper. */
const DEEPEST_TEXT_CONFIG = 3;

/** List the whole config and the sections of it that describe the language model, each within the one before. */
export function listTextSections(root: JsonObject): readonly JsonObject[] {
  const sections = [root];
  for (let depth = 0; depth < DEEPEST_TEXT_CONFIG; depth++) {
    const section = TEXT_CONFIG_KEYS.map((key) => sections.at(-1)?.[key]).find(isObject);
    if (section) sections.push(section);
  }
  return sections;
}

/** Parse JSON as Python's json module writes it. NaN, Infinity and -Infinity become Infinity, which no count accepts. */
export function parsePythonJson(text: string): unknown {
  const clean = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(clean);
  } catch (error) {
    const repaired = replaceBareConstants(clean);
    if (repaired === clean) throw error;
    return JSON.parse(repaired);
  }
}

/** Leave the words alone inside strings. Matching whole strings would overflow the stack on long ones. */
function replaceBareConstants(text: string): string {
  let inString = false;
  return text.replace(/\\[^]|"|-?\b(?:NaN|Infinity)\b/g, (match) => {
    if (match === '"') inString = !inString;
    return inString || match === '"' || match.startsWith("\\") ? match : "1e999";
  });
}

/** Return the first finite number under these keys. */
export function readNumber(object: JsonObject, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
  }
  return null;
}

/** Larger than any vocabulary; products of two and a context stay exact. The limit of huggingface.js for a shape. */
const MAX_DIMENSION = 2 ** 32;

/** Return the first whole number from 1 to 2^32 under these keys. */
export function readCount(object: JsonObject, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = object[key];
    if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_DIMENSION)
      return value as number;
  }
  return null;
}

/** Return the first string under these keys that is not empty. */
export function readString(object: JsonObject, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return null;
}
