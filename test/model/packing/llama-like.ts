/** A plain Llama-like model, and the same model as quantization tools store it. */

import { countElements, type Tensor } from "../../../src/format/tensor.ts";
import { buildConfig, type Config, type JsonObject } from "../../../src/format/config.ts";

const BITS: Readonly<Record<string, number>> = {
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  I64: 64,
  F4: 4,
};

/** A stored array; whatever is not in the table takes a byte an element. */
export function tensor(name: string, dtype: string, shape: readonly number[]): Tensor {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  return { name, dtype, shape, bytes: (elements * (BITS[dtype] ?? 8)) / 8 };
}

export interface Llama {
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly keyValueWidth: number;
  readonly vocabulary: number;
}

/** 374,360,064 weights, of which 243,269,632 in linear layers. */
export const SMALL: Llama = {
  layers: 4,
  hidden: 2048,
  intermediate: 8192,
  keyValueWidth: 512,
  vocabulary: 32_000,
};

/** meta-llama/Llama-3.1-8B: 8,030,261,248 weights. */
export const LLAMA_8B: Llama = {
  layers: 32,
  hidden: 4096,
  intermediate: 14_336,
  keyValueWidth: 1024,
  vocabulary: 128_256,
};

/** How a tool stores a linear layer of so many outputs and inputs. */
export type Linear = (module: string, outputs: number, inputs: number) => readonly Tensor[];

export const PLAIN: Linear = (module, outputs, inputs) => [
  tensor(`${module}.weight`, "BF16", [outputs, inputs]),
];

/** The tensors of the model, its linear layers as `linear` stores them, its embedding and head as `table` does. */
export function buildLlama(linear: Linear, { table = PLAIN, llama = SMALL, dtype = "BF16" } = {}): Tensor[] {
  const { hidden, intermediate, keyValueWidth, vocabulary } = llama;
  const norm = (module: string): Tensor => tensor(`${module}.weight`, dtype, [hidden]);
  const tensors = [...table("model.embed_tokens", vocabulary, hidden)];
  for (let index = 0; index < llama.layers; index++) {
    const layer = `model.layers.${index}`;
    tensors.push(
      norm(`${layer}.input_layernorm`),
      ...linear(`${layer}.self_attn.q_proj`, hidden, hidden),
      ...linear(`${layer}.self_attn.k_proj`, keyValueWidth, hidden),
      ...linear(`${layer}.self_attn.v_proj`, keyValueWidth, hidden),
      ...linear(`${layer}.self_attn.o_proj`, hidden, hidden),
      norm(`${layer}.post_attention_layernorm`),
      ...linear(`${layer}.mlp.gate_proj`, intermediate, hidden),
      ...linear(`${layer}.mlp.up_proj`, intermediate, hidden),
      ...linear(`${layer}.mlp.down_proj`, hidden, intermediate),
    );
  }
  return [...tensors, norm("model.norm"), ...table("lm_head", vocabulary, hidden)];
}

export function configOf(
  quantization: JsonObject | null,
  llama: Llama = SMALL,
  more: JsonObject = {},
): Config {
  return buildConfig({
    model_type: "llama",
    hidden_size: llama.hidden,
    intermediate_size: llama.intermediate,
    num_hidden_layers: llama.layers,
    num_attention_heads: llama.hidden / 128,
    num_key_value_heads: llama.keyValueWidth / 128,
    vocab_size: llama.vocabulary,
    ...(quantization === null ? {} : { quantization_config: quantization }),
    ...more,
  });
}

export function countParameters(tensors: readonly Pick<Tensor, "shape">[]): number {
  return tensors.reduce((total, { shape }) => total + (countElements(shape) ?? Number.NaN), 0);
}

export function sumBytes(tensors: readonly Tensor[]): number {
  return tensors.reduce((total, { bytes }) => total + bytes, 0);
}

/** The width of every module's weights in a model of four bits. */
export const fourBits = (): number => 4;
