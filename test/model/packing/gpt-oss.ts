import type { Tensor } from "../../../src/format/tensor.ts";
import { tensor } from "./llama-like.ts";

function bf16(name: string, ...shape: readonly number[]): Tensor {
  return tensor(name, "BF16", shape);
}

/** gpt-oss as openai publishes it for transformers. */
export function buildGptOss(layers: number, experts: number): Tensor[] {
  const tensors = [bf16("model.embed_tokens.weight", 201_088, 2880), bf16("lm_head.weight", 201_088, 2880)];
  tensors.push(bf16("model.norm.weight", 2880));
  for (let index = 0; index < layers; index++) {
    const layer = `model.layers.${index}`;
    for (const [name, outputs, inputs] of [
      ["self_attn.q_proj", 4096, 2880],
      ["self_attn.k_proj", 512, 2880],
      ["self_attn.v_proj", 512, 2880],
      ["self_attn.o_proj", 2880, 4096],
      ["mlp.router", experts, 2880],
    ] as const)
      tensors.push(bf16(`${layer}.${name}.weight`, outputs, inputs), bf16(`${layer}.${name}.bias`, outputs));
    for (const [name, outputs] of [
      ["gate_up_proj", 5760],
      ["down_proj", 2880],
    ] as const) {
      const projection = `${layer}.mlp.experts.${name}`;
      tensors.push(tensor(`${projection}_blocks`, "U8", [experts, outputs, 90, 16]));
      tensors.push(tensor(`${projection}_scales`, "U8", [experts, outputs, 90]));
      tensors.push(bf16(`${projection}_bias`, experts, outputs));
    }
    tensors.push(bf16(`${layer}.self_attn.sinks`, 64));
    tensors.push(bf16(`${layer}.input_layernorm.weight`, 2880));
    tensors.push(bf16(`${layer}.post_attention_layernorm.weight`, 2880));
  }
  return tensors;
}
