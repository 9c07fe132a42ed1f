/**
 * GGUF names of the tensors of Hugging Face checkpoints. Names matter to sizes: they decide which tensors get more
 * bits, and they take up bytes in the header.
 * Source: ggml-org/llama.cpp, gguf-py/gguf/tensor_mapping.py and convert_hf_to_gguf.py.
 */

/** Tensors outside the layers: GGUF name, then what checkpoints call it without wrappers like `model.`. */
export const OUTER_NAMES = readTable(`
token_embd            embed_tokens wte word_embeddings tok_embeddings shared embed_in embedding embeddings
token_embd            embeddings.word_embeddings embedding.word_embeddings
token_embd_norm       word_embeddings_layernorm embeddings.LayerNorm emb_ln embedding_norm
token_types           embeddings.token_type_embeddings
position_embd         wpe embeddings.position_embeddings
output_norm           norm ln_f norm_f final_layernorm final_layer_norm
output                lm_head embed_out output output_layer
per_layer_token_embd  embed_tokens_per_layer
per_layer_model_proj  per_layer_model_projection
per_layer_proj_norm   per_layer_projection_norm
altup_proj            altup_projections
altup_unembd_proj     altup_unembed_projections
cls                   classifier.dense pre_classifier
cls.output            classifier.out_proj classifier
`);

/** Tensors of a layer: what follows `blk.0.` in GGUF, then what follows `layers.0.` in checkpoints. */
export const LAYER_NAMES = readTable(`
attn_norm             input_layernorm ln_1 ln ln_mlp norm_1 attention_norm operator_norm norm
attn_norm_2           ln_attn
attn_qkv              self_attn.qkv_proj self_attn.query_key_value self_attention.query_key_value
attn_qkv              attention.query_key_value attn.c_attn attn.Wqkv attn.qkv_proj mixer.Wqkv
attn_qkv              linear_attn.in_proj_qkv
attn_q_k_v            attention.wqkv
attn_q                self_attn.q_proj attention.self.query attention.q_lin attention.wq attn.q_proj mixer.q_proj
attn_k                self_attn.k_proj attention.self.key attention.k_lin attention.wk attn.k_proj mixer.k_proj
attn_v                self_attn.v_proj attention.self.value attention.v_lin attention.wv attn.v_proj mixer.v_proj
attn_q                attn.attention.q_proj
attn_k                attn.attention.k_proj
attn_v                attn.attention.v_proj
attn_output           self_attn.o_proj self_attn.dense self_attn.out_proj self_attention.dense attention.dense
attn_output           attention.output.dense attention.out_lin attention.wo attn.c_proj attn.out_proj
attn_output           attn.attention.out_proj mixer.o_proj
attn_q_norm           self_attn.q_norm self_attn.q_layernorm self_attn.query_layernorm
attn_k_norm           self_attn.k_norm self_attn.k_layernorm self_attn.key_layernorm
attn_output_norm      attention.output.LayerNorm sa_layer_norm norm1
attn_sub_norm         self_attn.attn_sub_norm
attn_sinks            self_attn.sinks
attn_q_a              self_attn.q_a_proj
attn_q_b              self_attn.q_b_proj
attn_q_a_norm         self_attn.q_a_layernorm
attn_kv_a_mqa         self_attn.kv_a_proj_with_mqa
attn_kv_a_norm        self_attn.kv_a_layernorm
attn_kv_b             self_attn.kv_b_proj
post_attention_norm   post_self_attn_layernorm
ffn_norm              post_attention_layernorm ln_2 norm_2 ffn_norm pre_feedforward_layernorm pre_ff_layernorm
ffn_sub_norm          mlp.ffn_sub_norm
post_ffw_norm         post_feedforward_layernorm post_mlp_layernorm
layer_output_norm     output.LayerNorm output_layer_norm norm2
ffn_gate              mlp.gate_proj feed_forward.w1 feed_forward.gate_proj mlp.fc12 mlp.c_fc_0 mlp.w2
ffn_up                mlp.up_proj mlp.gate_up_proj feed_forward.w3 feed_forward.up_proj mlp.dense_h_to_4h mlp.c_fc
ffn_up                mlp.fc1 mlp.fc11 mlp.c_fc_1 mlp.w1 intermediate.dense ffn.lin1 ffn.up_proj mixer.up_proj
ffn_down              mlp.down_proj feed_forward.w2 feed_forward.down_proj mlp.dense_4h_to_h mlp.c_proj mlp.fc2
ffn_down              output.dense ffn.lin2 ffn.down_proj mixer.down_proj
ffn_gate_inp          mlp.gate mlp.router block_sparse_moe.gate block_sparse_moe.router.layer feed_forward.router
ffn_gate_inp          router.proj
ffn_gate_inp_shexp    mlp.shared_expert_gate
ffn_gate_shexp        mlp.shared_expert.gate_proj mlp.shared_experts.gate_proj feed_forward.shared_expert.gate_proj
ffn_up_shexp          mlp.shared_expert.up_proj mlp.shared_experts.up_proj feed_forward.shared_expert.up_proj
ffn_down_shexp        mlp.shared_expert.down_proj mlp.shared_experts.down_proj feed_forward.shared_expert.down_proj
ffn_down_shexp        shared_mlp.output_linear
ffn_gate_up_shexp     shared_mlp.input_linear
layer_output_scale    layer_scalar
pre_ffw_norm_2        pre_feedforward_layernorm_2
post_ffw_norm_1       post_feedforward_layernorm_1
post_ffw_norm_2       post_feedforward_layernorm_2
ffn_gate_exps         mlp.experts.gate_proj block_sparse_moe.experts.w1
ffn_up_exps           mlp.experts.up_proj block_sparse_moe.experts.w3
ffn_down_exps         mlp.experts.down_proj block_sparse_moe.experts.w2 block_sparse_moe.output_linear
ffn_down_exps         feed_forward.experts.down_proj experts.down_proj
ffn_gate_up_exps      mlp.experts.gate_up_proj block_sparse_moe.input_linear feed_forward.experts.gate_up_proj
ffn_gate_up_exps      experts.gate_up_proj
ssm_in                mamba.in_proj mixer.in_proj linear_attn.in_proj_qkvz
ssm_ba                linear_attn.in_proj_ba
ssm_beta              linear_attn.in_proj_b
ssm_alpha             linear_attn.in_proj_a
attn_gate             linear_attn.in_proj_z
ssm_conv1d            mamba.conv1d mixer.conv1d linear_attn.conv1d
ssm_x                 mamba.x_proj mixer.x_proj
ssm_dt                mamba.dt_proj mixer.dt_proj linear_attn.dt
ssm_a                 linear_attn.A_log
ssm_norm              mamba.norm mixer.norm linear_attn.norm
ssm_out               mamba.out_proj mixer.out_proj linear_attn.out_proj
shortconv.in_proj     conv.in_proj
shortconv.out_proj    conv.out_proj
shortconv.conv        conv.conv
inp_gate              per_layer_input_gate
proj                  per_layer_projection
post_norm             post_per_layer_input_norm
altup_correct_coef    altup.correction_coefs
altup_predict_coef    altup.prediction_coefs
altup_router          altup.modality_router
laurel_l              laurel.linear_left
laurel_r              laurel.linear_right
nextn.eh_proj         eh_proj
nextn.embed_tokens    embed_tokens
nextn.shared_head_head shared_head.head
`);

/** The same for T5, whose layers number their sublayers: `encoder.block.0.layer.1.DenseReluDense.wo`. */
export const T5_NAMES = readTable(`
attn_q                SelfAttention.q
attn_k                SelfAttention.k
attn_v                SelfAttention.v
attn_o                SelfAttention.o
attn_rel_b            SelfAttention.relative_attention_bias
cross_attn_q          EncDecAttention.q
cross_attn_k          EncDecAttention.k
cross_attn_v          EncDecAttention.v
cross_attn_o          EncDecAttention.o
ffn_gate              DenseReluDense.wi_0
ffn_up                DenseReluDense.wi DenseReluDense.wi_1
ffn_down              DenseReluDense.wo
`);

function readTable(table: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of table.trim().split("\n")) {
    const [gguf = "", ...others] = line.split(/ +/);
    for (const other of others) names.set(other, gguf);
  }
  return names;
}
