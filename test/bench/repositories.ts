/** What the stand-in Hub serves to the benchmark. */
import { writeGguf } from "../format/gguf/gguf-file.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import type { Repository } from "../hub/repository.ts";
import { buildSafetensors, splitSafetensors, type TensorSpec } from "../hub/safetensors-file.ts";

export const SINGLE = "Qwen/Qwen3-0.6B";
export const SHARDED = "meta-llama/Llama-3.1-70B-Instruct";
export const HUGE = "acme/163-shards";
export const GGUFS = "acme/20-ggufs";
export const MODELS = 1000;
export const LONG_LIST = 10_000;

/** One model in so many shards, and shards of so many tensors. */
export const GROWTH = [
  ...[1, 10, 30, 100].map((shards) => ({ shards, tensors: 2000 })),
  ...[1000, 10_000, 90_000].map((tensors) => ({ shards: 30, tensors })),
];
export const growthId = ({ shards, tensors }: (typeof GROWTH)[number]) => `acme/s${shards}-t${tensors}`;

export const listId = (index: number) => `acme/model-${index}`;

const CONFIG = {
  content: '{"model_type":"deepseek_v3","architectures":["DeepseekV3ForCausalLM"],"num_experts_per_tok":8}',
};

export function serveAll(): Repository[] {
  return [
    serveRealModel(realModel(SINGLE)),
    serveRealModel(realModel(SHARDED), { shards: 30 }),
    // DeepSeek-V3's shape.
    { id: HUGE, files: { ...splitSafetensors(listExperts(92_000), { shards: 163 }), "config.json": CONFIG } },
    serveGgufs(),
    ...GROWTH.map(({ shards, tensors }) => ({
      id: growthId({ shards, tensors }),
      files: { ...splitSafetensors(listExperts(tensors), { shards }), "config.json": CONFIG },
    })),
    ...serveList(LONG_LIST),
  ];
}

export function serveList(models: number): Repository[] {
  return Array.from({ length: models }, (_, index) => serveSmall(index));
}

function listExperts(count: number): TensorSpec[] {
  const projections = ["gate_proj", "up_proj", "down_proj"];
  return Array.from({ length: count }, (_, index) => {
    const [layer, expert] = [Math.floor(index / 1536), Math.floor(index / 3) % 512];
    return [
      `model.layers.${layer}.mlp.experts.${expert}.${projections[index % 3]}.weight`,
      [2048, 7168],
      "BF16",
    ];
  });
}

const SMALL_TENSORS: readonly TensorSpec[] = Array.from({ length: 84 }, (_, index) => [
  `model.layers.${Math.floor(index / 7)}.mlp.part_${index % 7}.weight`,
  [64, 64],
  "F32",
]);

/** A small model of twelve layers, each of another size. */
function serveSmall(index: number): Repository {
  const tensors: TensorSpec[] = [["model.embed_tokens.weight", [index + 1, 64], "F32"], ...SMALL_TENSORS];
  return {
    id: listId(index),
    files: {
      "config.json": { content: '{"model_type":"llama"}' },
      "model.safetensors": buildSafetensors(tensors),
    },
  };
}

/** Twenty quantizations, each with the header of a large vocabulary. */
function serveGgufs(): Repository {
  const words = Array.from({ length: 262_144 }, (_, index) => `token ${index}`);
  const metadata = { "general.architecture": "llama", "tokenizer.ggml.tokens": words };
  const { header, bytes } = writeGguf({
    metadata,
    tensors: [{ name: "token_embd.weight", shape: [262_144, 2048], type: "F16" }],
  });
  const labels =
    "Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_0 Q4_1 Q4_K_S Q4_K_M Q5_0 Q5_1 Q5_K_S Q5_K_M Q6_K Q8_0 IQ2_M IQ3_M IQ4_XS IQ4_NL F16 BF16";
  return {
    id: GGUFS,
    files: Object.fromEntries(
      labels.split(" ").map((label) => [`acme-${label}.gguf`, { head: header, size: bytes }]),
    ),
  };
}
