import { LEVELS, type Level } from "./levels.ts";
import type { Scheme } from "./scheme.ts";

/** A level by its name, or a scheme as `family:name`. */
export type Quantization =
  | { readonly name: Level; readonly level: Level; readonly scheme: null }
  | { readonly name: string; readonly level: null; readonly scheme: Scheme };

/** The four levels, which are shown when nothing else is asked for. */
export const LEVEL_QUANTIZATIONS: readonly Quantization[] = LEVELS.map((level) => ({
  name: level,
  level,
  scheme: null,
}));
