import { isObject, readCount, readString } from "../format/config.ts";

/** What adapter_config.json of peft says of an adapter. */
export interface Adapter {
  /** `LORA`, `DORA`, `IA3` … */
  readonly type: string;
  readonly rank: number | null;
  /** Names of the modules it changes; empty where the file says it in another way. */
  readonly targets: readonly string[];
  /** The model it belongs on, as its author named it. */
  readonly base: string | null;
}

/** Reads a parsed adapter_config.json; null when it is none. */
export function parseAdapter(value: unknown): Adapter | null {
  if (!isObject(value)) return null;
  const type = readString(value, "peft_type");
  if (type === null) return null;
  const targets = value["target_modules"];
  return {
    type: type === "LORA" && value["use_dora"] === true ? "DORA" : type,
    rank: readCount(value, "r", "rank"),
    // "all-linear", or a pattern, in place of a list.
    targets: (Array.isArray(targets) ? targets : [targets]).filter((target) => typeof target === "string"),
    base: readString(value, "base_model_name_or_path"),
  };
}
