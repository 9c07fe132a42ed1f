import { alike, type ArchitectureRow } from "./architecture.ts";

/** Model types that read a whole text, image or sound in one pass. */
export const ENCODERS = {
  albert: { tied: true, isTextEncoder: true },
  bert: { tied: true, isTextEncoder: true },
  camembert: { tied: true, isTextEncoder: true, gguf: "bert" },
  deberta: { tied: true, isTextEncoder: true },
  "deberta-v2": { tied: true, isTextEncoder: true },
  distilbert: { tied: true, isTextEncoder: true, gguf: "bert" },
  electra: { tied: true, isTextEncoder: true },
  ernie: { tied: true, isTextEncoder: true },
  esm: { tied: true, isTextEncoder: true },
  fnet: { tied: true },
  funnel: { tied: true },
  // kssteven/ibert-roberta-base stores its weights as integers in floating point, too.
  ibert: {
    tied: true,
    buffers: [
      "act_scaling_factor",
      "fc_scaling_factor",
      "weight_scaling_factor",
      "weight_integer",
      "bias_integer",
      "shift",
      "x_max",
      "x_min",
    ],
  },
  layoutlm: { tied: true },
  longformer: { tied: true },
  mobilebert: { tied: true, isTextEncoder: true },
  modernbert: { tied: true, isTextEncoder: true, gguf: "modern-bert" },
  mpnet: { tied: true, isTextEncoder: true },
  nomic_bert: { tied: true, isTextEncoder: true, gguf: "nomic-bert" },
  roberta: { tied: true, isTextEncoder: true, gguf: "bert" },
  roformer: { tied: true, isTextEncoder: true },
  squeezebert: { tied: true, isTextEncoder: true },
  "xlm-roberta": { tied: true, isTextEncoder: true, gguf: "bert" },
  ...alike(
    { tied: true },
    "bert-generation big_bird convbert data2vec-text flaubert luke megatron-bert mra",
    "nystromformer roberta-prelayernorm roc_bert xlm xlm-roberta-xl xmod yoso",
  ),
  ...alike({ tied: false }, "eurobert rembert"),
  ...alike(
    {},
    "align altclip beit canine chinese_clip clap clip convnext convnextv2 data2vec-audio",
    "data2vec-vision deit dinov2 dinov2_with_registers dinov3_convnext dinov3_vit dpr hubert",
    "layoutlmv2 layoutlmv3 lilt markuplm mobilevit new nezha resnet siglip siglip2 splinter swin",
    "swinv2 unispeech-sat vit vit_mae wav2vec2 wav2vec2-bert wavlm",
  ),
} satisfies Record<string, ArchitectureRow>;
