/** Arrays in the file of an adapter that are not trained: they belong to its base model, or are random. */
import type { Adapter } from "./adapter.ts";
import { isEmbeddingOrHead } from "./ties.ts";

/** peft's names of the module that an adapter wraps, and of the random projections that VeRA and RandLoRA share. */
const FROZEN = /(?:^|\.)(?:base_layer|original_module)\.|(?:^|\.)(?:vera|randlora)_[AB](?:\.|$)/;

/** The wrapper of every weight that peft stores. */
const ADAPTER_PREFIX = /^base_model\./;

/**
 * Return a test for names of arrays that are not trained. peft also stores an embedding that was resized and its head;
 * they are trained only where `modules_to_save` names them.
 */
export function findFrozen(adapter: Adapter | null): (name: string) => boolean {
  return (name) => {
    if (!adapter && !ADAPTER_PREFIX.test(name)) return false;
    if (FROZEN.test(name)) return true;
    if (!adapter || !isEmbeddingOrHead(name)) return false;
    const module = name.replace(/\.weight$/, "");
    return !adapter.savedModules.some((saved) => module === saved || module.endsWith(`.${saved}`));
  };
}
