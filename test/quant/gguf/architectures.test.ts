import { expect, test } from "vitest";
import { buildConfig, type JsonObject } from "../../../src/format/config.ts";
import { classifyRole } from "../../../src/model/roles.ts";
import { GGUF } from "../../../src/quant/gguf/gguf.ts";
import type { LogicalModel } from "../../../src/quant/scheme.ts";
import { predictWith } from "../tiny-model.ts";

/** Rows of a matrix, or the length of a vector, by the name of the tensor; `#` is the number of a layer, `*` of an expert. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/** Builds a model of identical layers; names that stand for one layer only have its number in them. */
function build(config: JsonObject, layers: number, experts: number, shapes: Shapes): LogicalModel {
  const weights = Object.entries(shapes).flatMap(([pattern, shape]) =>
    count(pattern.includes("#") ? layers : 1).flatMap((layer) =>
      count(pattern.includes("*") ? experts : 1).map((expert) => {
        const name = pattern.replace("#", String(layer)).replace("*", String(expert));
        const parameters = shape.reduce((product, dimension) => product * dimension, 1);
        return { name, shape, dtype: "BF16", role: classifyRole(name), parameters };
      }),
    ),
  );
  return { weights, config: buildConfig({ ...config, num_hidden_layers: layers }) };
}

function count(total: number): number[] {
  return Array.from({ length: total }, (_, index) => index);
}

/** A norm or a linear layer with its bias. */
function biased(name: string, ...shape: readonly number[]): Shapes {
  return { [`${name}.weight`]: shape, [`${name}.bias`]: shape.slice(0, 1) };
}

function attention(prefix: string, width: number, queries: number, values: number): Shapes {
  return {
    [`${prefix}.q_proj.weight`]: [queries, width],
    [`${prefix}.k_proj.weight`]: [values, width],
    [`${prefix}.v_proj.weight`]: [values, width],
    [`${prefix}.o_proj.weight`]: [width, queries],
  };
}

function gated(prefix: string, width: number, inner: number): Shapes {
  return {
    [`${prefix}.gate_proj.weight`]: [inner, width],
    [`${prefix}.up_proj.weight`]: [inner, width],
    [`${prefix}.down_proj.weight`]: [width, inner],
  };
}

const layer = "model.layers.#";

const SUBJECTS = {
  falcon7b: build({ model_type: "falcon" }, 32, 0, {
    "transformer.word_embeddings.weight": [65024, 4544],
    "transformer.h.#.self_attention.query_key_value.weight": [4672, 4544],
    "transformer.h.#.self_attention.dense.weight": [4544, 4544],
    "transformer.h.#.mlp.dense_h_to_4h.weight": [18176, 4544],
    "transformer.h.#.mlp.dense_4h_to_h.weight": [4544, 18176],
    ...biased("transformer.h.#.input_layernorm", 4544),
    ...biased("transformer.ln_f", 4544),
    "lm_head.weight": [65024, 4544],
  }),
  starcoder2: build({ model_type: "starcoder2" }, 30, 0, {
    "model.embed_tokens.weight": [49152, 3072],
    ...biased(`${layer}.self_attn.q_proj`, 3072, 3072),
    ...biased(`${layer}.self_attn.k_proj`, 256, 3072),
    ...biased(`${layer}.self_attn.v_proj`, 256, 3072),
    ...biased(`${layer}.self_attn.o_proj`, 3072, 3072),
    ...biased(`${layer}.mlp.c_fc`, 12288, 3072),
    ...biased(`${layer}.mlp.c_proj`, 3072, 12288),
    ...biased(`${layer}.input_layernorm`, 3072),
    ...biased(`${layer}.post_attention_layernorm`, 3072),
    ...biased("model.norm", 3072),
  }),
  commandR7b: build({ model_type: "cohere2" }, 32, 0, {
    "model.embed_tokens.weight": [256000, 4096],
    ...attention(`${layer}.self_attn`, 4096, 4096, 1024),
    ...gated(`${layer}.mlp`, 4096, 14336),
    [`${layer}.input_layernorm.weight`]: [4096],
    "model.norm.weight": [4096],
  }),
  granite: build({ model_type: "granite" }, 40, 0, {
    "model.embed_tokens.weight": [49159, 4096],
    ...attention(`${layer}.self_attn`, 4096, 4096, 1024),
    ...gated(`${layer}.mlp`, 4096, 12800),
    [`${layer}.input_layernorm.weight`]: [4096],
    [`${layer}.post_attention_layernorm.weight`]: [4096],
    "model.norm.weight": [4096],
  }),
  graniteMoe: build({ model_type: "granitemoe", hidden_size: 1024 }, 24, 0, {
    "model.embed_tokens.weight": [49155, 1024],
    ...attention(`${layer}.self_attn`, 1024, 1024, 512),
    [`${layer}.block_sparse_moe.input_linear.weight`]: [32, 1024, 1024],
    [`${layer}.block_sparse_moe.output_linear.weight`]: [32, 1024, 512],
    [`${layer}.block_sparse_moe.router.layer.weight`]: [32, 1024],
    [`${layer}.input_layernorm.weight`]: [1024],
    [`${layer}.post_attention_layernorm.weight`]: [1024],
    "model.norm.weight": [1024],
  }),
  glm4: build({ model_type: "glm4" }, 40, 0, {
    "model.embed_tokens.weight": [151552, 4096],
    ...biased(`${layer}.self_attn.q_proj`, 4096, 4096),
    ...biased(`${layer}.self_attn.k_proj`, 256, 4096),
    ...biased(`${layer}.self_attn.v_proj`, 256, 4096),
    [`${layer}.self_attn.o_proj.weight`]: [4096, 4096],
    [`${layer}.mlp.gate_up_proj.weight`]: [27392, 4096],
    [`${layer}.mlp.down_proj.weight`]: [4096, 13696],
    [`${layer}.input_layernorm.weight`]: [4096],
    [`${layer}.post_attention_layernorm.weight`]: [4096],
    [`${layer}.post_self_attn_layernorm.weight`]: [4096],
    [`${layer}.post_mlp_layernorm.weight`]: [4096],
    "model.norm.weight": [4096],
    "lm_head.weight": [151552, 4096],
  }),
  olmo2: build({ model_type: "olmo2" }, 16, 0, {
    "model.embed_tokens.weight": [100352, 2048],
    ...attention(`${layer}.self_attn`, 2048, 2048, 2048),
    ...gated(`${layer}.mlp`, 2048, 8192),
    [`${layer}.self_attn.q_norm.weight`]: [2048],
    [`${layer}.self_attn.k_norm.weight`]: [2048],
    [`${layer}.post_attention_layernorm.weight`]: [2048],
    [`${layer}.post_feedforward_layernorm.weight`]: [2048],
    "model.norm.weight": [2048],
    "lm_head.weight": [100352, 2048],
  }),
  qwenMoe: build({ model_type: "qwen2_moe" }, 24, 60, {
    "model.embed_tokens.weight": [151936, 2048],
    ...biased(`${layer}.self_attn.q_proj`, 2048, 2048),
    ...biased(`${layer}.self_attn.k_proj`, 2048, 2048),
    ...biased(`${layer}.self_attn.v_proj`, 2048, 2048),
    [`${layer}.self_attn.o_proj.weight`]: [2048, 2048],
    [`${layer}.mlp.gate.weight`]: [60, 2048],
    ...gated(`${layer}.mlp.experts.*`, 2048, 1408),
    ...gated(`${layer}.mlp.shared_expert`, 2048, 5632),
    [`${layer}.mlp.shared_expert_gate.weight`]: [1, 2048],
    [`${layer}.input_layernorm.weight`]: [2048],
    [`${layer}.post_attention_layernorm.weight`]: [2048],
    "model.norm.weight": [2048],
    "lm_head.weight": [151936, 2048],
  }),
  reranker: build({ model_type: "bert", architectures: ["BertForSequenceClassification"] }, 4, 0, {
    ...bert("bert.", 30522, 384, 512, 2),
    ...biased("classifier", 1, 384),
  }),
  bgeM3: build({ model_type: "xlm-roberta", architectures: ["XLMRobertaModel"] }, 24, 0, {
    ...bert("", 250002, 1024, 8194, 1),
  }),
} as const;

function bert(prefix: string, tokens: number, width: number, positions: number, types: number): Shapes {
  const part = `${prefix}encoder.layer.#`;
  return {
    [`${prefix}embeddings.word_embeddings.weight`]: [tokens, width],
    [`${prefix}embeddings.position_embeddings.weight`]: [positions, width],
    [`${prefix}embeddings.token_type_embeddings.weight`]: [types, width],
    ...biased(`${prefix}embeddings.LayerNorm`, width),
    ...biased(`${part}.attention.self.query`, width, width),
    ...biased(`${part}.attention.self.key`, width, width),
    ...biased(`${part}.attention.self.value`, width, width),
    ...biased(`${part}.attention.output.dense`, width, width),
    ...biased(`${part}.attention.output.LayerNorm`, width),
    ...biased(`${part}.intermediate.dense`, 4 * width, width),
    ...biased(`${part}.output.dense`, width, 4 * width),
    ...biased(`${part}.output.LayerNorm`, width),
    ...biased(`${prefix}pooler.dense`, width, width),
  };
}

/** Sizes on the Hub of files made of architectures that no fixture has. */
test.each([
  ["mradermacher/falcon-7b-instruct-GGUF", "falcon7b", "Q4_K_M", 4_975_127_552],
  ["mradermacher/starcoder2-3b-GGUF", "starcoder2", "Q4_K_M", 1_887_905_664],
  ["bartowski/c4ai-command-r7b-12-2024-GGUF", "commandR7b", "Q4_K_M", 5_057_009_792],
  ["ibm-granite/granite-3.3-8b-instruct-GGUF", "granite", "Q4_K_M", 4_942_873_344],
  ["ibm-granite/granite-3.3-8b-instruct-GGUF", "granite", "Q2_K", 3_103_605_504],
  ["ibm-granite/granite-3.3-8b-instruct-GGUF", "granite", "Q5_1", 6_145_131_264],
  ["bartowski/granite-3.1-1b-a400m-instruct-GGUF", "graniteMoe", "Q4_K_M", 821_847_360],
  ["unsloth/GLM-4-9B-0414-GGUF", "glm4", "Q4_K_M", 6_166_574_944],
  ["allenai/OLMo-2-0425-1B-Instruct-GGUF", "olmo2", "Q4_K_M", 935_515_296],
  ["duyntnet/Qwen1.5-MoE-A2.7B-Chat-imatrix-GGUF", "qwenMoe", "Q4_K_M", 9_496_238_048],
  ["mradermacher/ms-marco-MiniLM-L4-v2-GGUF", "reranker", "Q4_K_M", 18_945_184],
  ["mradermacher/ms-marco-MiniLM-L4-v2-GGUF", "reranker", "F16", 39_103_008],
  ["gpustack/bge-m3-GGUF", "bgeM3", "Q4_K_M", 437_778_496],
  ["gpustack/bge-m3-GGUF", "bgeM3", "F16", 1_157_671_200],
] as const)("%s: %s %s", (_repository, subject, name, bytes) => {
  const prediction = predictWith(GGUF, name, SUBJECTS[subject]);
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(1e-5);
});
