export interface GgufFileName {
  /** `Q4_K_M`, `UD-Q4_K_XL`, `MXFP4`: a hint; `general.file_type` in the header decides. */
  readonly label: string | null;
  /** From `-00001-of-00003`. */
  readonly shard: { readonly number: number; readonly count: number } | null;
  /** A file that belongs to a model and is not the model: a vision projector, a draft model, calibration data. */
  readonly sidecar: "projector" | "draft" | "imatrix" | null;
}

/** The names of llama.cpp, which the Hub adopted; `UD-` comes from Unsloth, `_L` and `_XL` from other uploaders. */
const LABEL =
  /(?<![a-z0-9])(?:UD-)?(?:I?Q\d(?:_\d(?:_\d_\d)?|_K(?:_(?:X*[SL]|M))?|_NL|_X*S|_[ML])?|TQ\d_\d|MXFP4(?:_MOE)?|NVFP4|I2_S|BF16|FP?(?:16|32|64))(?![a-z0-9])/gi;

const SHARD = /-(\d{5})-of-(\d{5})$/;

/** Parse a path such as `BF16/gemma-3-27b-it-BF16-00001-of-00002.gguf`. */
export function parseGgufFileName(path: string): GgufFileName {
  const [name = "", folder = ""] = path.split("/").toReversed();
  const stem = name.replace(/\.gguf$/i, "");
  const shard = SHARD.exec(stem);
  return {
    label: findLabel(stem.replace(SHARD, "")) ?? findLabel(folder),
    shard: shard ? { number: Number(shard[1]), count: Number(shard[2]) } : null,
    sidecar: classifySidecar(stem.toLowerCase()),
  };
}

/** Return the last quantization in a name: `model-f16-Q4_K_M` was made from F16. */
function findLabel(text: string): string | null {
  const label = text.match(LABEL)?.at(-1)?.toUpperCase();
  return label?.replace(/^FP/, "F") ?? null;
}

function classifySidecar(stem: string): GgufFileName["sidecar"] {
  if (/(?:^|[-_.])mmproj(?:[-_.]|$)/.test(stem)) return "projector";
  if (/(?:^|[-_.])imatrix(?:[-_.]|$)/.test(stem)) return "imatrix";
  // Only in front: `Qwen3.6-27B-MTP-Q4_K_M` is the whole model with its draft layers.
  if (/^(?:mtp|eagle\d?|draft)[-_.]/.test(stem)) return "draft";
  return null;
}
