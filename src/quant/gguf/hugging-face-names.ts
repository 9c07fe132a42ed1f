import type { Weight } from "../../model/weight.ts";
import { LAYER_NAMES, OUTER_NAMES } from "./names.ts";

/** Of several names in checkpoints, the first is the usual one. */
const outer = invert(OUTER_NAMES);
const layer = invert(LAYER_NAMES);

function invert(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const inverted = new Map<string, string>();
  for (const [huggingFace, gguf] of names) if (!inverted.has(gguf)) inverted.set(gguf, huggingFace);
  return inverted;
}

/** `blk.3.attn_q.weight`, `token_embd.weight`. */
const GGUF_NAME = /^(?:blk\.(?<index>\d+)\.)?(?<stem>.+?)(?<suffix>\.(?:weight|bias))?$/;

/**
 * Rename the weights of a GGUF file as in a Hugging Face checkpoint, so that the size in any other format can be
 * predicted from it. Unknown names stay.
 */
export function toHuggingFaceNames(weights: readonly Weight[]): Weight[] {
  return weights.map((weight) => {
    const { index, stem = "", suffix = "" } = GGUF_NAME.exec(weight.name)?.groups ?? {};
    const name = (index === undefined ? outer : layer).get(stem);
    if (name === undefined) return weight;
    if (index !== undefined) return { ...weight, name: `model.layers.${index}.${name}${suffix}` };
    return { ...weight, name: `${name === "lm_head" ? "" : "model."}${name}${suffix}` };
  });
}
