import { isObject, readCount, readString } from "../format/config.ts";

/** An adapter, from the adapter_config.json of peft. */
export interface Adapter {
  /** `LORA`, `DORA`, `IA3` … */
  readonly type: string;
  readonly rank: number | null;
  /** Names of the modules it changes; empty where the file has a pattern instead of a list. */
  readonly targets: readonly string[];
  /** Names of the modules that are trained as a whole and stored with it. */
  readonly savedModules: readonly string[];
  /** The base model, as its author named it. */
  readonly base: string | null;
}

/** Parse the object of an adapter_config.json; null where it is not one. */
export function parseAdapter(value: unknown): Adapter | null {
  if (!isObject(value)) return null;
  const type = readString(value, "peft_type");
  if (type === null) return null;
  return {
    type: type === "LORA" && value["use_dora"] === true ? "DORA" : type,
    rank: readCount(value, "r", "rank"),
    targets: listStrings(value["target_modules"]),
    savedModules: listStrings(value["modules_to_save"]),
    base: readString(value, "base_model_name_or_path"),
  };
}

/** List the strings of a value: "all-linear", or a pattern, may stand in place of a list. */
function listStrings(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}
