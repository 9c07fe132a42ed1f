/** The shapes of the models of fixtures/training, by the names of their checkpoints. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../src/contract/json.ts";
import type { Role } from "../../../src/contract/terms.ts";
import { buildConfig, type Config } from "../../../src/format/config.ts";
import { readDimension } from "../../../src/format/dimensions.ts";
import { classifyTensors } from "../../../src/model/classify-tensors.ts";
import type { Weight } from "../../../src/model/weight.ts";

type Layer = readonly (readonly [name: string, role: Role, ...shape: number[]])[];

interface Model {
  readonly config: JsonObject;
  readonly layer: Layer;
  /** In addition to the token embedding, and the head where it is not tied. */
  readonly others?: Layer;
}

interface Sizes {
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
}

function gated({ hidden, feedForward, heads, kvHeads, headSize }: Sizes): Layer {
  return [
    ["input_layernorm.weight", "norm", hidden],
    ["self_attn.q_proj.weight", "attention", heads * headSize, hidden],
    ["self_attn.k_proj.weight", "attention", kvHeads * headSize, hidden],
    ["self_attn.v_proj.weight", "attention", kvHeads * headSize, hidden],
    ["self_attn.o_proj.weight", "attention", hidden, heads * headSize],
    ["post_attention_layernorm.weight", "norm", hidden],
    ["mlp.gate_proj.weight", "mlp", feedForward, hidden],
    ["mlp.up_proj.weight", "mlp", feedForward, hidden],
    ["mlp.down_proj.weight", "mlp", hidden, feedForward],
  ];
}

const headNorms = (size: number): Layer => [
  ["self_attn.q_norm.weight", "norm", size],
  ["self_attn.k_norm.weight", "norm", size],
];

const gemmaNorms = (hidden: number): Layer => [
  ["pre_feedforward_layernorm.weight", "norm", hidden],
  ["post_feedforward_layernorm.weight", "norm", hidden],
];

function sizes(
  hidden: number,
  feedForward: number,
  heads: number,
  kvHeads = heads,
  headSize = hidden / heads,
): Sizes {
  return { hidden, feedForward, heads, kvHeads, headSize };
}

/** `config.json` of a decoder with gates. */
function describe(
  modelType: string,
  [vocabulary, layers]: readonly [number, number],
  own: Sizes,
  { tied = false, extra = [], config = {} }: { tied?: boolean; extra?: Layer; config?: JsonObject } = {},
): Model {
  return {
    config: {
      model_type: modelType,
      architectures: ["SomeForCausalLM"],
      vocab_size: vocabulary,
      hidden_size: own.hidden,
      intermediate_size: own.feedForward,
      num_hidden_layers: layers,
      num_attention_heads: own.heads,
      num_key_value_heads: own.kvHeads,
      head_dim: own.headSize,
      rms_norm_eps: 1e-6,
      hidden_act: modelType.startsWith("gemma") ? "gelu_pytorch_tanh" : "silu",
      tie_word_embeddings: tied,
      ...config,
    },
    layer: [...gated(own), ...extra],
  };
}

/** A decoder with layer norms and without gates. */
function plain(modelType: string, names: readonly string[], config: JsonObject, others: Layer = []): Model {
  const { hidden_size: hidden = 1024, intermediate_size: feedForward = 4096 } = config;
  const [h, f] = [Number(hidden), Number(feedForward)];
  const [fused, out, up, down] = names;
  const attention: Layer =
    fused === ""
      ? ["q_proj", "k_proj", "v_proj"].map((name) => [`self_attn.${name}.weight`, "attention", h, h] as const)
      : [[`${fused}.weight`, "attention", 3 * h, h]];
  return {
    config: { model_type: modelType, architectures: ["SomeForCausalLM"], layer_norm_eps: 1e-5, ...config },
    layer: [
      ["ln_1.weight", "norm", h],
      ...attention,
      [`${out}.weight`, "attention", h, h],
      ["ln_2.weight", "norm", h],
      [`${up}.weight`, "mlp", f, h],
      [`${down}.weight`, "mlp", h, f],
    ],
    others,
  };
}

const PHI3 = sizes(3072, 8192, 32);
const MOE = { experts: 16, used: 4, width: 512 };

const MODELS: Readonly<Record<string, Model>> = {
  "llama-160m": describe("llama", [32_000, 12], sizes(768, 3072, 12)),
  "llama-3.2-1b": describe("llama", [128_256, 16], sizes(2048, 8192, 32, 8), { tied: true }),
  "llama-3-8b": describe("llama", [128_256, 32], sizes(4096, 14_336, 32, 8)),
  "mistral-1.5b": describe("mistral", [32_000, 22], sizes(2048, 7168, 16, 4), {
    config: { sliding_window: null },
  }),
  "qwen2.5-0.5b": describe("qwen2", [151_936, 24], sizes(896, 4864, 14, 2), { tied: true }),
  "qwen2.5-7b": describe("qwen2", [152_064, 28], sizes(3584, 18_944, 28, 4)),
  "qwen3-0.6b": describe("qwen3", [151_936, 28], sizes(1024, 3072, 16, 8, 128), {
    tied: true,
    extra: headNorms(128),
  }),
  "gemma-2-2b": describe("gemma2", [256_000, 26], sizes(2304, 9216, 8, 4, 256), {
    tied: true,
    extra: gemmaNorms(2304),
    config: { final_logit_softcapping: 30, sliding_window: 4096 },
  }),
  "gemma-3-270m": describe("gemma3_text", [262_144, 18], sizes(640, 2048, 4, 1, 256), {
    tied: true,
    extra: [...headNorms(256), ...gemmaNorms(640)],
    config: { layer_types: Array.from({ length: 18 }, () => "full_attention") },
  }),
  "phi3-mini": {
    config: describe("phi3", [32_064, 32], PHI3).config,
    layer: [
      ["input_layernorm.weight", "norm", 3072],
      ["self_attn.qkv_proj.weight", "attention", 9216, 3072],
      ["self_attn.o_proj.weight", "attention", 3072, 3072],
      ["post_attention_layernorm.weight", "norm", 3072],
      ["mlp.gate_up_proj.weight", "mlp", 16_384, 3072],
      ["mlp.down_proj.weight", "mlp", 3072, 8192],
    ],
  },
  "moe-small": {
    config: describe("qwen3_moe", [32_000, 8], sizes(1024, 3072, 16, 4, 64), {
      config: { num_experts: MOE.experts, num_experts_per_tok: MOE.used, moe_intermediate_size: MOE.width },
    }).config,
    layer: [
      ...gated(sizes(1024, 3072, 16, 4, 64)).filter(([, role]) => role !== "mlp"),
      ...headNorms(64),
      ["mlp.gate.weight", "router", MOE.experts, 1024],
      ["mlp.experts.gate_up_proj", "experts", MOE.experts, 2 * MOE.width, 1024],
      ["mlp.experts.down_proj", "experts", MOE.experts, 1024, MOE.width],
    ],
  },
  "gpt2-medium": plain(
    "gpt2",
    ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"],
    {
      vocab_size: 50_257,
      n_embd: 1024,
      n_layer: 24,
      n_head: 16,
      n_positions: 1024,
      activation_function: "gelu_new",
      resid_pdrop: 0.1,
      tie_word_embeddings: true,
    },
    [["wpe.weight", "embedding", 1024, 1024]],
  ),
  "pythia-410m": plain(
    "gpt_neox",
    ["attention.query_key_value", "attention.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"],
    {
      vocab_size: 50_304,
      hidden_size: 1024,
      intermediate_size: 4096,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      hidden_act: "gelu",
      use_parallel_residual: true,
      tie_word_embeddings: false,
    },
  ),
  "opt-350m": plain(
    "opt",
    ["", "self_attn.out_proj", "fc1", "fc2"],
    {
      vocab_size: 50_272,
      hidden_size: 1024,
      ffn_dim: 4096,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      activation_function: "relu",
      dropout: 0.1,
      tie_word_embeddings: true,
    },
    [["embed_positions.weight", "embedding", 2050, 1024]],
  ),
};

interface Listed {
  readonly config: JsonObject;
  readonly prefix: string;
  readonly layer: readonly (readonly [name: string, shape: number[]])[];
  /** The first layer, where it differs. */
  readonly first?: Listed["layer"];
  readonly others: readonly (readonly [name: string, shape: number[]])[];
}

/** Models as transformers builds them. */
const LISTED = JSON.parse(
  readFileSync(new URL("../../../fixtures/training/models.json", import.meta.url), "utf8"),
) as Record<string, Listed>;

function readListed({ config: root, prefix, layer, first = layer, others }: Listed) {
  const config = buildConfig({ ...root, architectures: ["SomeForCausalLM"] });
  const layers = readDimension(config.text, "layers") ?? 0;
  const all = [
    ...others,
    ...Array.from({ length: layers }, (_, index) =>
      (index === 0 ? first : layer).map(([name, shape]) => [`${prefix}.${index}.${name}`, shape] as const),
    ).flat(),
  ];
  const tensors = all.map(([name, shape]) => ({
    name,
    shape,
    dtype: "BF16",
    bytes: 2 * shape.reduce((product, size) => product * size, 1),
  }));
  return { config, weights: classifyTensors([{ folder: "", tensors, config }], []).weights };
}

export function readTrainedModel(name: string): { config: Config; weights: readonly Weight[] } {
  const listed = LISTED[name];
  if (listed) return readListed(listed);
  const model = MODELS[name];
  if (!model) throw new Error(`${name} is not described`);
  const config = buildConfig(model.config);
  const text = config.text as Record<string, number>;
  const layers = text["num_hidden_layers"] ?? text["n_layer"] ?? 0;
  const hidden = text["hidden_size"] ?? text["n_embd"] ?? 0;
  const vocabulary = text["vocab_size"] ?? 0;
  const all: Layer = [
    ["model.embed_tokens.weight", "embedding", vocabulary, hidden],
    ...(text["tie_word_embeddings"] ? [] : [["lm_head.weight", "head", vocabulary, hidden] as const]),
    ["model.norm.weight", "norm", hidden],
    ...(model.others ?? []),
    ...Array.from({ length: layers }, (_, layer) =>
      model.layer.map(([leaf, role, ...shape]) => [`model.layers.${layer}.${leaf}`, role, ...shape] as const),
    ).flat(),
  ];
  const weights = all.map(([leaf, role, ...shape]): Weight => {
    const parameters = shape.reduce((product, size) => product * size, 1);
    return { name: leaf, role, shape, dtype: "BF16", parameters };
  });
  return { config, weights };
}
