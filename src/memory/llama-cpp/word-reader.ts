import type { JsonObject } from "../../contract/json.ts";

/** Reads counts from GGUF metadata. What is missing or not a count is collected, never guessed. */
export interface WordReader {
  readonly missing: ReadonlySet<string>;
  has(key: string): boolean;
  isList(key: string): boolean;
  /** Return a whole number from 0 to 2^53 − 1, or `otherwise` where the key is absent. */
  count(key: string, otherwise?: number): number;
  /** Like `count`, for a value that may be a list with one entry per layer. */
  countAt(key: string, layer: number, otherwise?: number): number;
}

export function createWordReader(words: JsonObject): WordReader {
  const missing = new Set<string>();
  const check = (key: string, value: unknown): number => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    missing.add(key);
    return Number.NaN;
  };
  const has = (key: string) => words[key] !== undefined;
  const count = (key: string, otherwise?: number) => check(key, has(key) ? words[key] : otherwise);
  return {
    missing,
    has,
    isList: (key) => Array.isArray(words[key]),
    count,
    countAt(key, layer, otherwise) {
      const value = words[key];
      return Array.isArray(value) ? check(key, value[layer]) : count(key, otherwise);
    },
  };
}
