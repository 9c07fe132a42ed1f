/** Split a name at `-`, `_`, `.`, spaces, and where a capital follows a small letter; in lower case. */
export function splitWords(name: string): string[] {
  return name
    .slice(0, MAX_NAME_LENGTH)
    .replace(/([a-z0-9])(?=[A-Z][a-z])/g, "$1 ")
    .replace(/([a-z])(?=[A-Z])/g, "$1 ")
    .toLowerCase()
    .split(/[-_. ]+/)
    .filter(Boolean);
}

/** A name on the Hub has at most 255 letters. */
const MAX_NAME_LENGTH = 500;

/** Beginnings of words that name a part of a model: `encoder`, `embeddings`, `joiner`. */
const PART_WORDS = [
  "encoder",
  "decoder",
  "join",
  "predict",
  "embed",
  "vision",
  "visual",
  "audio",
  "text",
  "language",
  "talker",
  "llm",
  "unet",
  "vae",
  "transformer",
  "vocoder",
  "postnet",
  "flow",
  "mel",
  "preprocess",
  "projector",
  "resampler",
  "merger",
  "prompt",
  "mask",
  "speech",
  "condition",
  "latent",
  "denoiser",
  "scheduler",
  "safety",
  "head",
  "prefill",
  "diffusion",
  "clip",
  "chunk",
  "ffn",
  "backbone",
  "controlnet",
];

/** True for a name with a word that names a part of a model. */
export function isPartWord(stem: string): boolean {
  return splitWords(stem).some(
    (word) => PART_WORDS.some((part) => word.startsWith(part)) || /^\d+of\d+$/.test(word),
  );
}
