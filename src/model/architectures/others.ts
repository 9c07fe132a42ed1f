import { plain, type ArchitectureRow } from "./architecture.ts";

/** Model types with unchecked attention, and those of several models in one, whose language model has its own type. */
export const OTHERS = {
  blip: { unknownKvCache: "BLIP's text model also attends to an image" },
  decision_transformer: { isConv1D: true },
  "encoder-decoder": { unknownKvCache: "the KV cache of a decoder made from an encoder is not known" },
  imagegpt: { isConv1D: true },
  llava: { tied: false },
  mistral3: { tied: false, layers: "slidingWindow" },
  paligemma: { tied: true },
  "speech-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
  "vision-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
  ...plain(
    "bailing_moe blip-2 btlm deepseek exaone idefics3 orion phi-msft qwen3_omni_moe_thinker rwkv7",
    "smolvlm",
  ),
} satisfies Record<string, ArchitectureRow>;
