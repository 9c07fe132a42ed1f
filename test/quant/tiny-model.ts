import { isUnknown } from "../../src/contract/unknown.ts";
import { buildConfig, type JsonObject } from "../../src/format/config.ts";
import { classifyRole } from "../../src/model/roles.ts";
import type { Weight } from "../../src/model/weight.ts";
import type { Ecosystem, LogicalModel, Prediction, SchemeOptions } from "../../src/quant/scheme.ts";

/** A weight by its name and shape alone. */
export function weightOf(name: string, ...shape: readonly number[]): Weight {
  const parameters = shape.reduce((product, size) => product * size, 1);
  return { name, shape, dtype: "BF16", role: classifyRole(name), parameters };
}

/** A model of a few weights. */
export function modelOf(config: JsonObject, ...weights: readonly Weight[]): LogicalModel {
  return { weights, config: buildConfig(config) };
}

interface Sizes {
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly keyValue: number;
  readonly vocabulary: number;
}

/** A Qwen2 with a tied head, of any size. */
export function qwen2Of(
  { layers, hidden, intermediate, keyValue, vocabulary }: Sizes,
  config: JsonObject,
): LogicalModel {
  const blocks = Array.from({ length: layers }, (_, index) => {
    const at = (name: string, ...shape: readonly number[]) =>
      weightOf(`model.layers.${index}.${name}`, ...shape);
    return [
      ...[hidden, keyValue, keyValue].flatMap((outputs, projection) => {
        const name = `self_attn.${"qkv".charAt(projection)}_proj`;
        return [at(`${name}.weight`, outputs, hidden), at(`${name}.bias`, outputs)];
      }),
      at("self_attn.o_proj.weight", hidden, hidden),
      at("mlp.gate_proj.weight", intermediate, hidden),
      at("mlp.up_proj.weight", intermediate, hidden),
      at("mlp.down_proj.weight", hidden, intermediate),
      at("input_layernorm.weight", hidden),
      at("post_attention_layernorm.weight", hidden),
    ];
  });
  return modelOf(
    {
      model_type: "qwen2",
      architectures: ["Qwen2ForCausalLM"],
      hidden_size: hidden,
      num_hidden_layers: layers,
      tie_word_embeddings: true,
      ...config,
    },
    weightOf("model.embed_tokens.weight", vocabulary, hidden),
    ...blocks.flat(),
    weightOf("model.norm.weight", hidden),
  );
}

/** The prediction of a scheme; throws where there is none. */
export function predictWith(
  ecosystem: Ecosystem,
  name: string,
  model: LogicalModel,
  options: SchemeOptions = {},
): Prediction {
  const prediction = predict(ecosystem, name, model, options);
  if (isUnknown(prediction)) throw new Error(prediction.reason);
  return prediction;
}

/** Why a scheme predicts nothing; null where it does. */
export function reasonFor(
  ecosystem: Ecosystem,
  name: string,
  model: LogicalModel,
  options: SchemeOptions = {},
): string | null {
  const prediction = predict(ecosystem, name, model, options);
  return isUnknown(prediction) ? prediction.reason : null;
}

function predict({ schemes }: Ecosystem, name: string, model: LogicalModel, options: SchemeOptions) {
  const scheme = schemes.find((one) => one.name === name);
  if (!scheme) throw new Error(`unknown scheme ${name}`);
  return scheme.predict(model, options);
}
