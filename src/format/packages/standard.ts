/** Names that loaders fetch by themselves: of transformers, diffusers, timm, open_clip, peft and Mistral's own code. */
import type { Unit } from "./unit.ts";

/** Full checkpoints before first releases, and both before adapters; stems as `splitLabels` writes them. */
const TIERS: readonly (readonly string[])[] = [
  ["model", "pytorch-model", "diffusion-pytorch-model", "open-clip-model", "open-clip-pytorch-model"],
  ["consolidated"],
  ["adapter-model", "pytorch-lora-weights"],
];

const LOADED_FORMATS = ["safetensors", "pytorch"] as const;

/** diffusers falls back from the plain weights to a variant; half precision is what people publish. */
const VARIANTS = ["", "fp16", "bf16", "fp32", "non-ema", "ema", "no-ema"];

/** Return the unit that a loader takes from a folder: safetensors before PyTorch, the plain one before a variant. */
export function findStandardUnit(units: readonly Unit[]): Unit | null {
  for (const stems of TIERS)
    for (const format of LOADED_FORMATS)
      for (const stem of stems)
        for (const variant of VARIANTS) {
          const matches = units.filter(
            (unit) =>
              unit.format === format && unit.stem === stem && unit.label === variant && isLoaded(unit),
          );
          // transformers takes the single file where there are shards as well.
          const match = matches.find(isSingleFile) ?? matches[0];
          if (match) return match;
        }
  return null;
}

/** `model.pt` and `model.ckpt` are loaded by nothing that looks for `pytorch_model.bin`. */
function isLoaded({ format, path, stem }: Unit): boolean {
  return (
    format !== "pytorch" || stem === "consolidated" || /\.bin(?:\.index(?:\.[\w-]+)?\.json)?$/.test(path)
  );
}

/** True for a unit that is not one of shards. */
function isSingleFile({ files, missing, path }: Unit): boolean {
  return files.length === 1 && missing.length === 0 && !/[-_]\d{5,6}-of-\d{5,6}\./.test(path);
}
