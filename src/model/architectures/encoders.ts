import { plain, type ArchitectureRow } from "./architecture.ts";

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
  esm: { isTextEncoder: true },
  fnet: { tied: true },
  funnel: { tied: true },
  layoutlm: { tied: true },
  longformer: { tied: true },
  mobilebert: { isTextEncoder: true },
  modernbert: { tied: true, isTextEncoder: true, gguf: "modern-bert" },
  mpnet: { tied: true, isTextEncoder: true },
  nomic_bert: { isTextEncoder: true, gguf: "nomic-bert" },
  roberta: { tied: true, isTextEncoder: true, gguf: "bert" },
  roformer: { isTextEncoder: true },
  squeezebert: { tied: true, isTextEncoder: true },
  "xlm-roberta": { tied: true, isTextEncoder: true, gguf: "bert" },
  ...plain(
    "align altclip beit bert-generation big_bird canine chinese_clip clap clip convbert convnext",
    "convnextv2 data2vec-audio data2vec-text data2vec-vision deit dinov2 dinov2_with_registers",
    "dinov3_convnext dinov3_vit dpr eurobert flaubert hubert ibert layoutlmv2 layoutlmv3 lilt luke",
    "markuplm megatron-bert mobilevit mra new nezha nystromformer rembert resnet roberta-prelayernorm",
    "roc_bert siglip siglip2 splinter swin swinv2 unispeech-sat vit vit_mae wav2vec2 wav2vec2-bert",
    "wavlm xlm xlm-roberta-xl xmod yoso",
  ),
} satisfies Record<string, ArchitectureRow>;
