import type { Weight } from "../../model/weight.ts";
import { LAYER_NAMES, OUTER_NAMES } from "./names.ts";

/** The first name a checkpoint may give a tensor is the usual one. */
const outer = invert(OUTER_NAMES);
const layer = invert(LAYER_NAMES);

function invert(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const inverted = new Map<string, string>();
  for (const [plain, gguf] of names) if (!inverted.has(gguf)) inverted.set(gguf, plain);
  return inverted;
}

/** `blk.3.attn_q.weight`, `token_embd.weight`. */
const GGUF_NAME = /^(?:blk\.(?<index>\d+)\.)?(?<stem>.+?)(?<suffix>\.(?:weight|bias))?$/;

/**
 * Gives the weights of a GGUF file the names they have in a Hugging Face checkpoint, so that a size in any other
 * format can be predicted from it. What is not known keeps its name.
 */
export function toHuggingFaceNames(weights: readonly Weight[]): Weight[] {
  return weights.map((weight) => {
    const { index, stem = "", suffix = "" } = GGUF_NAME.exec(weight.name)?.groups ?? {};
    const plain = (index === undefined ? outer : layer).get(stem);
    if (plain === undefined) return weight;
    if (index !== undefined) return { ...weight, name: `model.layers.${index}.${plain}${suffix}` };
    return { ...weight, name: `${plain === "lm_head" ? "" : "model."}${plain}${suffix}` };
  });
}
