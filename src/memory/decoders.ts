import type { Config } from "../format/config.ts";

/** What a model is to a cache: one that writes token by token, or one that reads a text at once. */
export type ModelRole = "decoder" | "encoder" | { readonly reason: string };

/**
 * `modelType` is that of the language model, which may be a part of the whole. A decoder retrained to see both ways
 * embeds a text at once (google/embeddinggemma-300m), unless it writes (google/paligemma-3b-pt-224).
 */
export function classifyModel(modelType: string, whole: Config, isBidirectional: boolean): ModelRole {
  const peculiar = PECULIAR.get(modelType) ?? PECULIAR.get(whole.modelType ?? "");
  if (peculiar !== undefined) return { reason: peculiar };
  const head = whole.architecture ?? "";
  const writes = WRITING_HEAD.test(head);
  if (ONE_PASS_HEAD.test(head) || (isBidirectional && !writes)) return "encoder";
  if (ENCODERS.has(modelType) && !writes) return "encoder";
  if (isKnownDecoder(modelType) || writes) return "decoder";
  return {
    reason: modelType === "" ? "config.json names no model type" : `the model type ${modelType} is not known`,
  };
}

export function isKnownDecoder(modelType: string): boolean {
  return DECODERS.has(modelType);
}

/** Two attentions in a layer: meituan-longcat/LongCat-Flash-Chat, and LongCat-Flash-Lite's longcat_flash_ngram. */
export function isLongcatFlash(modelType: string): boolean {
  return modelType.startsWith("longcat_flash");
}

/** Whether models of this type attend to an encoder's output, where their config does not say: google-t5/t5-small. */
export function isEncoderDecoder(modelType: string): boolean {
  return ENCODER_DECODERS.has(modelType);
}

/** `is_encoder_decoder` of huggingface/transformers src/transformers/models/<type>/configuration_<type>.py is true. */
const ENCODER_DECODERS: ReadonlySet<string> = new Set(
  `bart bigbird_pegasus blenderbot blenderbot-small fsmt led longt5 m2m_100 marian mbart mt5 mvp nllb-moe
  pegasus pegasus_x plbart prophetnet seamless_m4t seamless_m4t_v2 switch_transformers t5 t5_gemma_module
  t5gemma t5gemma2 umt5 whisper`.split(/\s+/),
);

/** google-bert/bert-base-uncased is a BertForMaskedLM; openbmb/UltraRM-13b a LlamaForSequenceClassification. */
const ONE_PASS_HEAD =
  /For(?:MaskedLM|SequenceClassification|TokenClassification|ImageClassification|AudioClassification|ObjectDetection|SemanticSegmentation|DepthEstimation|CTC)$|Encoder(?:Model)?$/;

const WRITING_HEAD = /(?:CausalLM|LMHeadModel|ForConditionalGeneration|MTModel|Decoder)$/;

/**
 * Model types known to write token by token with ordinary attention, unless `layer-rules.ts` says otherwise.
 * From huggingface/transformers v5.18.0, MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
 * of src/transformers/models/auto/modeling_auto.py; in the last lines, models whose code lies beside their weights.
 */
const DECODERS: ReadonlySet<string> = new Set(
  `afmoe apertus arcee aria axk1 axk2 bamba bart bigbird_pegasus biogpt bitnet blenderbot blenderbot-small
  bloom codegen cohere cohere2 cohere2_moe ctrl cwm dbrx deepseek_v2 deepseek_v3 deepseek_v32 diffllama doge
  dots1 emu3 ernie4_5 ernie4_5_moe ernie4_5_vl_moe exaone4 exaone_moe falcon falcon_h1 falcon_mamba
  flex_olmo fsmt fuyu gemma gemma2 gemma3 gemma3n gemma4 gemma4_unified git glm glm4 glm4_moe glm4_moe_lite
  glm4v glm4v_moe glm_moe_dsa gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj
  granite granite_swa granitemoe granitemoe_swa granitemoehybrid granitemoeshared helium hunyuan
  hunyuan_v1_dense hunyuan_v1_moe hy_v3 hy_v4 hyperclovax jais2 jamba jetmoe kimi_linear laguna led lfm2
  lfm2_moe llama llama4 longcat_flash longt5 m2m_100 mamba mamba2 marian mbart mellum mimo_v2_flash minicpm3
  minimax minimax_m2 ministral ministral3 mistral mistral4 mixtral mllama modernbert-decoder mpt mt5 mvp
  nanochat nemotron nemotron_h nllb-moe olmo olmo2 olmo3 olmo_hybrid olmoe opt pegasus pegasus_x persimmon
  phi phi3 phi4_multimodal phimoe plbart prophetnet qwen2 qwen2_5_vl qwen2_moe qwen2_vl qwen3 qwen3_5
  qwen3_5_moe qwen3_moe qwen3_next qwen3_omni_moe qwen3_vl qwen3_vl_moe recurrent_gemma rwkv seamless_m4t
  seamless_m4t_v2 seed_oss smollm3 solar_open stablelm starcoder2 switch_transformers t5 t5_gemma_module
  t5gemma t5gemma2 umt5 vaultgemma whisper xglm youtu zamba zamba2
  baichuan chatglm deci internlm internlm2 internlm3 kimi_k2 minicpm minimax_m1 minimax_text_01 molmo
  nemotron-nas openelm phi3_v phi3small qwen RefinedWeb RefinedWebModel stablelm_epoch xverse`.split(/\s+/),
);

/** Model types that take in a whole text, image or sound at once. */
const ENCODERS: ReadonlySet<string> = new Set(
  `albert align altclip beit bert bert-generation big_bird camembert canine chinese_clip clap clip convbert
  convnext convnextv2 data2vec-audio data2vec-text data2vec-vision deberta deberta-v2 deit dinov2
  dinov2_with_registers dinov3_convnext dinov3_vit distilbert dpr electra ernie esm eurobert flaubert fnet
  funnel hubert ibert layoutlm layoutlmv2 layoutlmv3 lilt longformer luke markuplm megatron-bert mobilebert
  mobilevit modernbert mpnet mra new nezha nomic_bert nystromformer rembert resnet roberta
  roberta-prelayernorm roc_bert roformer siglip siglip2 splinter squeezebert swin swinv2 unispeech-sat vit
  vit_mae wav2vec2 wav2vec2-bert wavlm xlm xlm-roberta xlm-roberta-xl xmod yoso`.split(/\s+/),
);

/** What the plain reading would get wrong. */
const PECULIAR: ReadonlyMap<string, string> = new Map([
  ["blip", "BLIP's text model also attends to an image"],
  ["encoder-decoder", "what a decoder made from an encoder keeps is not known"],
  ["cpmant", "CPM-Ant keeps a prompt of its own beside the tokens"],
  ["openai-gpt", "the code of GPT-1 keeps no cache, and an engine would"],
  ["reformer", "Reformer keeps hidden states and buckets instead of keys and values"],
  ["speech-encoder-decoder", "how many positions its encoder gives is not known"],
  ["transfo-xl", "Transformer-XL keeps hidden states instead of keys and values"],
  ["vision-encoder-decoder", "how many positions its encoder gives is not known"],
  ["xlnet", "XLNet keeps hidden states instead of keys and values"],
]);
