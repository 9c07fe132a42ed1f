import type { ArchitectureRow } from "./architecture.ts";

/** Model types whose attention nobody has checked, and those of several models in one (their language model has a type of its own). */
export const OTHERS = {
  bailing_moe: {},
  blip: { unknownKvCache: "BLIP's text model also attends to an image" },
  "blip-2": {},
  btlm: {},
  decision_transformer: { isConv1D: true },
  deepseek: {},
  "encoder-decoder": { unknownKvCache: "the KV cache of a decoder made from an encoder is not known" },
  exaone: {},
  idefics3: {},
  imagegpt: { isConv1D: true },
  llava: { tied: false },
  mistral3: { tied: false, layers: "slidingWindow" },
  orion: {},
  paligemma: { tied: true },
  "phi-msft": {},
  qwen3_omni_moe_thinker: {},
  rwkv7: {},
  smolvlm: {},
  "speech-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
  "vision-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
} satisfies Record<string, ArchitectureRow>;
