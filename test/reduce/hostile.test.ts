import type { BaseModel } from "../../src/reduce/variant.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { classifyRole } from "../../src/model/roles.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { listDistillations } from "../../src/reduce/distillation.ts";
import { listAdapters, listTasks } from "../../src/reduce/lora.ts";
import { listPrunings } from "../../src/reduce/pruning.ts";
import { applySteps, parseSteps } from "../../src/reduce/steps.ts";
import { listSharings } from "../../src/reduce/sharing.ts";
import { LEVELS_REQUEST } from "./base-models.ts";

const NAMES = `model.embed_tokens.weight lm_head.weight model.norm.weight wte.weight shared.weight
  model.layers.0.self_attn.q_proj.weight model.layers.0.self_attn.k_proj.weight model.layers.0.self_attn.v_proj.weight
  model.layers.0.self_attn.o_proj.weight model.layers.0.self_attn.o_proj.bias model.layers.0.mlp.up_proj.weight
  model.layers.0.mlp.down_proj.weight model.layers.1.mlp.down_proj.weight model.layers.99999.self_attn.q_proj.weight
  model.layers.0.self_attn.qkv_proj.weight model.layers.0.mlp.experts.gate_up_proj model.layers.0.mlp.gate.weight
  h.0.attn.c_attn.weight encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight
  albert.encoder.albert_layer_groups.0.albert_layers.0.attention.query.weight
  albert.encoder.albert_layer_groups.0.albert_layers.0.attention.dense.weight`.split(/\s+/);

/** Dimensions of a header that nobody checked but for the sum of all elements. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 12 }).map((power) => 2 ** (2 * power)),
);
const weight = fc
  .record({ name: fc.constantFrom(...NAMES), shape: fc.array(size, { maxLength: 4 }) })
  .map(({ name, shape }) => {
    const parameters = shape.reduce((product, one) => product * one, 1);
    return { name, shape, dtype: "BF16", role: classifyRole(name), parameters };
  })
  .filter(({ parameters }) => parameters <= 2 ** 46);
const config = fc.record(
  {
    model_type: fc.constantFrom("llama", "albert", "gpt2", "t5", "bert", "gemma4", "nonsense"),
    architectures: fc.constantFrom(["LlamaForCausalLM"], [], "text"),
    num_hidden_layers: fc.oneof(fc.integer({ min: -1, max: 2000 }), fc.constant("three")),
    num_attention_heads: fc.oneof(fc.integer({ min: -1, max: 64 }), fc.constant(null)),
    tie_word_embeddings: fc.boolean(),
  },
  { requiredKeys: [] },
);
const base: fc.Arbitrary<BaseModel> = fc
  .record({ weights: fc.uniqueArray(weight, { selector: ({ name }) => name, maxLength: 16 }), config })
  .map(({ weights, config: root }) => ({
    id: "acme/hostile",
    weights,
    config: buildConfig(root),
    copies: [],
  }));

const RECIPES = [
  "prune:2:4,quant:int4,lora:8",
  "prune:heads:25,prune:50",
  "share:layers:1,prune:width:50",
  "distill:smaller,share:untied",
];

test("whatever the weights are, rows are exact or say why they are not", () => {
  const request = { ...LEVELS_REQUEST, ranks: [1, 65_536], tasks: 9_999, student: null };
  fc.assert(
    fc.property(base, fc.constantFrom(...RECIPES), (model, recipe) => {
      const rows = [
        ...listAdapters(model, request),
        ...listTasks(model, request),
        ...listPrunings(model, request),
        ...listDistillations(model, request),
        ...listSharings(model, request),
        ...applySteps(model, parseSteps(recipe, parseQuantization), request),
      ];
      for (const { parameters, sizes, reason, name } of rows) {
        if (reason !== null) expect([parameters, sizes]).toEqual([null, []]);
        else if (parameters !== null) expect(parameters, name).toSatisfy(Number.isSafeInteger);
        for (const { bytes, reason: why } of sizes)
          if (bytes === null) expect(why).toMatch(/\w/);
          else expect(bytes, name).toSatisfy(Number.isSafeInteger);
      }
    }),
    { numRuns: 300 },
  );
});
