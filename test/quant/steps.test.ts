/** Predicting a size takes steps in proportion to the weights: counted, not timed. */
import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { classifyRole } from "../../src/model/roles.ts";
import type { Weight } from "../../src/model/weight.ts";
import { ECOSYSTEMS } from "../../src/quant/ecosystems.ts";

const KINDS = [
  (index: number) => `model.layers.${index}.self_attn.q_proj.weight`,
  (index: number) => `model.layers.${index % 8}.mlp.experts.${index}.up_proj.weight`,
  (index: number) => `a${index}.embed_tokens.weight`,
  (index: number) => `a${index}.lm_head.weight`,
] as const;

/** A model type that a tool supports, where Llama is none. */
const MODEL_TYPES: Readonly<Record<string, string>> = { mediapipe: "gemma", "whisper.cpp": "whisper" };

const CONFIG = {
  architectures: ["LlamaForCausalLM"],
  num_hidden_layers: 8,
  hidden_size: 256,
  num_attention_heads: 4,
  vocab_size: 256,
};

/** Count the reads of the fields of `size` weights, some of each kind, while all schemes of a tool predict. */
function countSteps({ name: tool, schemes }: (typeof ECOSYSTEMS)[number], size: number): number {
  const config = buildConfig({ ...CONFIG, model_type: MODEL_TYPES[tool] ?? "llama" });
  let steps = 0;
  const weights = Array.from({ length: size }, (_, index): Weight => {
    const name = KINDS[index % KINDS.length]?.(index) ?? "";
    const weight = { name, shape: [256, 256], dtype: "BF16", role: classifyRole(name), parameters: 65_536 };
    return new Proxy(weight, {
      get(target, key, receiver) {
        steps++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
  });
  for (const scheme of schemes) scheme.predict({ weights, config }, {});
  return steps;
}

test.each(ECOSYSTEMS.map((ecosystem) => [ecosystem.name, ecosystem] as const))("%s", (_name, ecosystem) => {
  const [small, large] = [countSteps(ecosystem, 120), countSteps(ecosystem, 960)];
  // Eight times as many weights: n log n takes about 11 times the steps, n² 64 times.
  expect(large).toBeGreaterThan(0);
  expect(large / small).toBeLessThan(14);
});
