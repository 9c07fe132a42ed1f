import type { Role } from "../contract/terms.ts";

/**
 * The role of a tensor, by its name. The first row that matches decides, so towers come before what is inside them,
 * and norms before the modules that contain them. Each row names a real checkpoint.
 */
const RULES: readonly (readonly [Role, RegExp])[] = [
  [
    "adapter",
    /(?:^|\.)(?:lora_|ia3_|adapter_|prompt_embeddings|hada_|lokr_|vera_|randlora_|vblora_|oft_|boft_)/,
  ], // peft
  [
    "vision", // google/gemma-3-4b-it, openai/clip-vit-large-patch14, Qwen/Qwen3-VL-2B-Instruct, llava-hf/llava-1.5-7b-hf
    /(?:^|\.)(?:vision_tower|vision_model|vision_encoder|visual|visual_projection|image_encoder|image_newline|embed_vision|multi_modal_projector|mm_projector|vision_embed_tokens|img_\w+|mlp1)(?:\.|$)/,
  ],
  [
    "audio",
    /(?:^|\.)(?:audio_tower|audio_model|audio_encoder|embed_audio|audio_projector|speech_encoder|code2wav)(?:\.|$)|^(?:model\.)?encoder\.conv[12]\./,
  ], // Qwen/Qwen2.5-Omni-7B; openai/whisper-base
  [
    "router",
    /(?:^|\.)(?:router|(?:mlp|moe|feed_forward|ffn|block_sparse_moe|mixer)\.gate|shared_expert_gate|ffn_gate_inp\w*)(?:\.|$)/,
  ], // mistralai/Mixtral-8x7B-v0.1, openai/gpt-oss-20b
  ["experts", /(?:^|\.)experts\.|_exps\.|block_sparse_moe\.(?:input|output)_linear\./], // Qwen/Qwen3-30B-A3B; GGUF ffn_up_exps; ibm-granite/granite-3.0-1b-a400m-base
  ["norm", /(?:norm\w{0,16}|(?:^|\.)ln_?\w*)(?:\.(?:weight|bias))?$/i], // ln_f of gpt2, layernorm_embedding of bart, pre_layrnorm of CLIP, norm_1 of mpt
  [
    "head",
    /(?:^|\.)(?:lm_head|head|pooler|embed_out|output_layer|score|classifier|pre_classifier|qa_outputs|vocab_projector|vocab_transform|cls|predictions|seq_relationship|lm_logits|generator_lm_head|classification_head|text_projection)(?:\.|$)|^(?:output|proj_out)\./, // proj_out of whisper; diffusers has one in every block
  ],
  ["mlp", /(?:^|\.)ff(?:_context)?\.net\./], // diffusers: `attentions.0.transformer_blocks.0.ff.net.2`
  [
    "attention",
    /attn|attention|Attention|(?:^|\.)(?:query_key_value|[qkvo]_proj|qkv_proj|q_lin|k_lin|v_lin|out_lin|Wqkv|wqkv|mixer)(?:\.|$)/,
  ],
  [
    "embedding", // model.embed_tokens, wte, word_embeddings, shared (t5), position_embeddings, token_embd (GGUF)
    /embeddings?(?:\.|$)|(?:^|\.)(?:embed_tokens\w*|wte|wpe|shared|embed_positions|embed_in|token_embd|position_embd|token_types|per_layer_\w+|embedding_hidden_mapping_in)(?:\.|$)/,
  ],
  [
    "mlp",
    /mlp|ffn|(?:^|\.)(?:feed_forward|DenseReluDense|fc[12]|intermediate|output\.dense|shared_experts?|w[123]|gate_proj|up_proj|down_proj|gate_up_proj|lin[12]|dense_h_to_4h|dense_4h_to_h)(?:\.|$)/,
  ],
];

/** Return the role of a weight, from its name; `other` when no rule matches. */
export function classifyRole(name: string): Role {
  for (const [role, pattern] of RULES) if (pattern.test(name)) return role;
  return "other";
}

/** Build a classifier that asks once for what has the same name in every layer: no rule knows a layer's number. */
export function buildRoleClassifier(): (name: string) => Role {
  const roles = new Map<string, Role>();
  return (name) => {
    const anyLayer = name.replace(/\.\d+(?=\.)/g, ".0");
    const role = roles.get(anyLayer) ?? classifyRole(anyLayer);
    roles.set(anyLayer, role);
    return role;
  };
}
