import type { Family } from "./family.ts";
import { MXFP4_BLOCKS } from "./mxfp4-blocks.ts";

/** Every known layout, in order of trial: the first whose shapes agree is the one. */
export const FAMILIES: readonly Family[] = [MXFP4_BLOCKS];
