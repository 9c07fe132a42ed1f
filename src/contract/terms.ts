/** Closed sets of words that documents, flags and rooms share. Each array is type, validation and help in one. */

/** How sure a size is: the sum of real file sizes, exact arithmetic on real headers, or what a tool would write. */
export const BASES = ["published", "computed", "predicted"] as const;
export type Basis = (typeof BASES)[number];

/** Ways to shrink a model. */
export const TECHNIQUES = ["quantization", "lora", "pruning", "distillation", "sharing"] as const;
export type Technique = (typeof TECHNIQUES)[number];
/** Longer than the path or address of any model. */
export const MAX_REFERENCE_CHARACTERS = 4096;
