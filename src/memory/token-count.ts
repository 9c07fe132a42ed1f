/** Longer contexts than any model's; more would leave the safe integers. */
export const MAX_CONTEXT_TOKENS = 100_000_000;

/** Stands for no limit where a config states none: RWKV and Mamba read on. More than any model was trained for. */
export const NO_LIMIT_TOKENS = 2 ** 30;

/** Sequences at once: more than any engine takes. */
export const MAX_BATCH = 9_999;

/**
 * Parse a number of tokens, in units of 1,024; null for anything else.
 * @example parseTokenCount("8k") //=> 8192
 */
export function parseTokenCount(text: string): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,9})([kKmM]?)$/.exec(text) ?? [];
  const tokens = Number(digits) * (unit === "" ? 1 : unit.toLowerCase() === "k" ? 1024 : 1024 ** 2);
  return tokens > 0 && tokens <= MAX_CONTEXT_TOKENS ? tokens : null;
}
