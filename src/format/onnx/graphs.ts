import type { Config } from "../config.ts";

const SINGLE = ["model"];
const ENCODER_DECODER = ["encoder_model", "decoder_model_merged"];
const IMAGE_TEXT = ["embed_tokens", "decoder_model_merged", "vision_encoder"];
const AUDIO_TEXT = ["embed_tokens", "decoder_model_merged", "audio_encoder"];

/**
 * The graphs that transformers.js loads for an architecture, where it is not the one called `model`: from
 * packages/transformers/src/models/registry.js and session_config.js (huggingface/transformers.js, version 4).
 */
const GRAPHS: readonly (readonly [architecture: RegExp, graphs: readonly string[]])[] = [
  [
    /^(?:(?:Long|M)?T5|M?Bart|M2M100|Blenderbot(?:Small)?|(?:Lite)?Whisper|Moonshine|CohereAsr)(?:Model|ForConditionalGeneration)$/,
    ENCODER_DECODER,
  ],
  [
    /^Marian(?:MT)?Model$|^SpeechT5For(?:SpeechToText|TextToSpeech)$|^VisionEncoderDecoderModel$/,
    ENCODER_DECODER,
  ],
  [
    /^(?:Llava|LlavaOnevision|Moondream1|Florence2|Qwen2VL|Qwen2_5_VL|Qwen3VL|Qwen3VLMoe|Qwen3_5(?:Moe)?|Lfm2Vl|Idefics3|SmolVLM|PaliGemma|Gemma3|Mistral3|LightOnOcr|GlmOcr)ForConditionalGeneration$/,
    IMAGE_TEXT,
  ],
  [/^LlavaQwen2ForCausalLM$/, IMAGE_TEXT],
  [/^(?:GraniteSpeech|Voxtral(?:Realtime)?)ForConditionalGeneration$|^UltravoxModel$/, AUDIO_TEXT],
  [/^Gemma(?:3n|4)ForConditionalGeneration$/, [...IMAGE_TEXT, "audio_encoder"]],
  [/^(?:Sam|Sam2|EdgeTam|Sam3Tracker)Model$/, ["vision_encoder", "prompt_encoder_mask_decoder"]],
  [/^MusicgenForConditionalGeneration$/, ["text_encoder", "decoder_model_merged", "encodec_decode"]],
  [/^Phi3VForCausalLM$/, ["prepare_inputs_embeds", "model", "vision_encoder"]],
  [
    /^MultiModalityCausalLM$/,
    ["prepare_inputs_embeds", "language_model", "lm_head", "gen_head", "gen_img_embeds", "image_decode"],
  ],
  [/^(?:Mimi|Dac|Snac)Model$/, ["encoder_model", "decoder_model"]],
  [/^SupertonicForConditionalGeneration$/, ["text_encoder", "latent_denoiser", "voice_decoder"]],
  [/^ChatterboxModel$/, ["embed_tokens", "speech_encoder", "language_model", "conditional_decoder"]],
];

/**
 * The sets of graphs a model may have been exported as, likeliest first. Behind the one for its architecture come
 * those of exports that differ from it: Gemma 3 as text alone is one `model`.
 */
export function listGraphSets(config: Config | null): readonly (readonly string[])[] {
  const architecture = config?.architecture ?? "";
  const graphs = GRAPHS.find(([pattern]) => pattern.test(architecture))?.[1] ?? SINGLE;
  // Florence-2 has a text encoder as well as an image encoder.
  const encoder =
    graphs === IMAGE_TEXT && config?.root["is_encoder_decoder"] === true ? ["encoder_model"] : [];
  return [[...graphs, ...encoder], SINGLE, ENCODER_DECODER];
}
