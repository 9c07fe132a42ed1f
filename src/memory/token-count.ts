import { MAX_CONTEXT_TOKENS } from "../contract/terms.ts";

/**
 * Parse a number of tokens, in units of 1,024; null for anything else.
 * @example parseTokenCount("8k") //=> 8192
 */
export function parseTokenCount(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,9})([kKmM]?)$/.exec(text) ?? [];
  const tokens = Number(digits) * (unit === "" ? 1 : unit.toLowerCase() === "k" ? 1024 : 1024 ** 2);
  return tokens > 0 && tokens <= MAX_CONTEXT_TOKENS ? tokens : null;
}
