import { LAYER_NAMES, OUTER_NAMES, T5_NAMES } from "./names.ts";

/** The name of a checkpoint's tensor in a GGUF file. */
interface GgufName {
  readonly name: string;
  /** The number in `blk.0.`; null outside the layers, and in T5 (`enc.blk.0.`, `dec.blk.0.`). */
  readonly layer: number | null;
  /** True where the converter's table has the name, false where it is copied from the checkpoint. */
  readonly isKnown: boolean;
  /** True for one of many that become one tensor: `experts.0.up_proj`, `experts.1.up_proj` … */
  readonly isOneOfMany: boolean;
}

/** Modules that only hold others: `model.language_model.layers.0` of Qwen3-VL, `bert.encoder.layer.0`. */
const WRAPPERS: ReadonlySet<string> = new Set(
  "model language_model text_model transformer backbone encoder bert roberta distilbert gpt_neox".split(" "),
);

const LAYER_LISTS: ReadonlySet<string> = new Set(["layers", "layer", "h", "blocks"]);

/** `gamma` and `beta`: norms in older checkpoints of BERT. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["weight", ".weight"],
  ["gamma", ".weight"],
  ["bias", ".bias"],
  ["beta", ".bias"],
]);

/** Parameters whose names are without an ending. */
const BARE: ReadonlySet<string> = new Set(["ssm_a"]);

/** Return the GGUF name of a tensor; all experts of a layer share one. */
export function findGgufName(name: string): GgufName {
  const { path, ending } = splitEnding(name);
  if (path[0] === "encoder" || path[0] === "decoder") {
    const t5Name = findT5Name(path[0], path.slice(1));
    if (t5Name !== null)
      return {
        name: `${path[0].slice(0, 3)}.${t5Name}${ending}`,
        layer: null,
        isKnown: true,
        isOneOfMany: false,
      };
  }

  const start = path.findIndex((segment) => !WRAPPERS.has(segment));
  const [list = "", number = "", ...rest] = path.slice(start);
  const isInLayer = LAYER_LISTS.has(list) && isNumber(number);
  const inner = isInLayer ? rest : path.slice(start);
  const plain = inner.filter((segment) => !isNumber(segment));
  const known = (isInLayer ? LAYER_NAMES : OUTER_NAMES).get(plain.join("."));
  const found = (known ?? plain.join(".")) + (known !== undefined && BARE.has(known) ? "" : ending);
  return {
    name: isInLayer ? `blk.${number}.${found}` : found,
    layer: isInLayer ? Number(number) : null,
    isKnown: known !== undefined,
    isOneOfMany: plain.length < inner.length,
  };
}

/** T5 numbers the sublayers, and only the number identifies their norms: `decoder.block.0.layer.2.layer_norm`. */
const T5_NORMS = {
  encoder: ["attn_norm", "ffn_norm"],
  decoder: ["attn_norm", "cross_attn_norm", "ffn_norm"],
} as const;

function findT5Name(side: keyof typeof T5_NORMS, path: readonly string[]): string | null {
  const [list, number = "", , sublayer, ...rest] = path;
  if (list === "final_layer_norm") return "output_norm";
  if (list !== "block" || !isNumber(number)) return null;
  const leaf = rest.join(".");
  const known = leaf === "layer_norm" ? T5_NORMS[side][Number(sublayer)] : T5_NAMES.get(leaf);
  return known === undefined ? null : `blk.${number}.${known}`;
}

/** In gpt-oss-20b, `mlp.experts.gate_up_proj_bias` lacks the dot before its ending, `self_attn.sinks` the ending itself. */
function splitEnding(name: string): { path: string[]; ending: string } {
  const path = name.split(".");
  const last = path.pop() ?? "";
  const ending = ENDINGS.get(last);
  if (ending !== undefined) return { path, ending };
  if (last.endsWith("_bias")) return { path: [...path, last.slice(0, -"_bias".length)], ending: ".bias" };
  return { path: [...path, last], ending: ".weight" };
}

function isNumber(segment: string): boolean {
  return /^\d{1,9}$/.test(segment);
}
