import { alike, type ArchitectureRow } from "./architecture.ts";

/** Model types with unchecked attention, and those of several models in one, whose language model has its own type. */
export const OTHERS = {
  blip: { tied: true, unknownKvCache: "BLIP's text model also attends to an image" },
  decision_transformer: { isConv1D: true },
  "encoder-decoder": { unknownKvCache: "the KV cache of a decoder made from an encoder is not known" },
  imagegpt: { tied: false, isConv1D: true },
  llava: { tied: false },
  mistral3: { tied: false, layers: "slidingWindow" },
  paligemma: { tied: true },
  "speech-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
  "vision-encoder-decoder": { unknownKvCache: "the number of positions of its encoder is not known" },
  ...alike(
    { tied: true },
    "aya_vision blip_text_model canary cohere2_vision cohere_compass_text",
    "diffusion_gemma diffusion_gemma_text fine_acoustics",
    "flava florence2 fun_asr_nano gemma4_assistant gemma4_unified_assistant gemma4_unified_text",
    "got_ocr2 granite_speech5_ctc hunyuan_vl hunyuan_vl_text jina_embeddings_v3",
    "kosmos-2 kosmos-2.5 kosmos_2_5_text_model kosmos_2_text_model lfm2_vl lxmert mimi",
    "moonshine neomme paddleocr_vl paddleocr_vl_text pop2piano pp_chart2table",
    "qwen2_5_omni_text qwen3_asr qwen3_vl_moe_text sam sam_hq shieldgemma2",
    "speech_to_text speecht5 t5gemma2_decoder t5gemma2_encoder t5gemma2_text tapas trocr udop vilt",
    "visual_bert voxtral_realtime zaya",
  ),
  ...alike(
    { tied: false },
    "aria_text blt blt_global_transformer blt_local_decoder blt_local_encoder blt_patcher bridgetower",
    "chameleon cohere_asr cosmos3_edge cosmos3_edge_text cosmos3_omni deepseek_ocr2",
    "deepseek_ocr2_encoder deepseek_ocr2_text emu3_text_model esmc evolla exaone4_5",
    "fast_vlm glm46v glm4v_moe_text glm5_next glm5_next_text glm_image glm_ocr glmga granite4_vision",
    "granite4_vision_text higgs_audio_v2 hrm_text idefics idefics2 idefics3 llama4_text llava_next",
    "llava_next_video llava_onevision minicpmv4_6 minimax_m3_vl minimax_m3_vl_text mllama_text_model",
    "moonshine_streaming moshi_depth muse_glimmer_text musicgen_decoder musicgen_melody_decoder",
    "neucodec openai_privacy_filter perception_lm pix2struct pix2struct_text_model qianfan_ocr",
    "qwen2_5_omni_talker qwen3_5_moe_text qwen3_5_text qwen3_omni_moe_talker_code_predictor",
    "qwen3_omni_moe_talker_text qwen3_omni_moe_thinker qwen4_exp qwen4_exp_text smolvlm step3p5",
    "vibevoice video_llama_3 video_llava vipllava xcodec2 xlstm",
  ),
  ...alike({}, "bailing_moe blip-2 btlm deepseek exaone orion phi-msft rwkv7"),
  ...alike(
    { tied: true, hasFrozenBackbone: true },
    "d_fine dab-detr deformable_detr deimv2 grounding-dino mm-grounding-dino pp_doclayout_v3 rt_detr_v2",
  ),
  ...alike({ hasFrozenBackbone: true }, "conditional_detr detr table-transformer pp_doclayout_v2 rt_detr"),
  ernie4_5_vl_moe_text: { tied: true, hasTrainedRouterBalance: true },
  deepseek_v4: { tied: false, buffers: ["gate.bias"] }, // deepseek-ai/DeepSeek-V4-Flash
  inkling_mm_model: { buffers: ["gate.bias"] },
  esmfold2: { buffers: ["boundaries", "frequencies", "phases"] }, // biohub/ESMFold2
  ...alike({ buffers: ["position_embedding"] }, "videoprism videoprism_text_model"), // google/videoprism-lvt-base-f16r288
  // facebook/sam2.1-hiera-tiny
  ...alike(
    { buffers: ["shared_embedding.positional_embedding", "shared_image_embedding.positional_embedding"] },
    "edgetam edgetam_video sam2 sam2_video sam3_tracker sam3_tracker_video sam3_video",
  ),
} satisfies Record<string, ArchitectureRow>;
