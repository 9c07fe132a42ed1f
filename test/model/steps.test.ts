/** Rules over tensors take steps in proportion to the tensors: counted, not timed. */
import { describe, expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import type { Tensor } from "../../src/format/tensor.ts";
import { countActive } from "../../src/model/active.ts";
import { findAveragedCopies } from "../../src/model/averaged-copies.ts";
import { findBuffers } from "../../src/model/buffers.ts";
import { findExpertStacks } from "../../src/model/experts.ts";
import { findMtpLayers } from "../../src/model/mtp-layers.ts";
import { unpackTensors } from "./packing/unpack.ts";
import { classifyRole } from "../../src/model/roles.ts";
import { findTies } from "../../src/model/ties.ts";
import type { Weight } from "../../src/model/weight.ts";
import { tensor } from "./real-models.ts";

/** Names that rules look for, so many that a rule of one against all of another would show. */
const KINDS: Readonly<Record<string, (index: number) => Tensor>> = {
  embeddings: (index) => tensor(`a${index}.embed_tokens.weight`, [64, 8]),
  heads: (index) => tensor(`a${index}.lm_head.weight`, [64, 8]),
  "embeddings and heads": (index) =>
    tensor(`a${index}.${index % 2 === 0 ? "embed_tokens" : "lm_head"}.weight`, [64, 8 + (index % 64)]),
  "decoder biases": (index) => tensor(`a${index}.predictions.decoder.bias`, [64]),
  "shared embeddings": (index) =>
    tensor(`a${index}.${["shared", "encoder.embed_tokens"][index % 2]}.weight`, [64, 8]),
  "prediction layers": (index) => tensor(`mtp.${index}.embed_tokens.weight`, [64, 8]),
  experts: (index) => tensor(`layers.${index % 9}.mlp.experts.${index}.up_proj.weight`, [8, 8]),
  stacks: (index) => tensor(`layers.${index}.moe.up_proj${index % 2 === 0 ? "" : "_bias"}`, [4, 8, 8]),
  averages: (index) => tensor(`${index % 2 === 0 ? "model" : "model_ema"}.a${index >> 1}`, [8]),
  codebooks: (index) => tensor(`a${index >> 1}.${index % 2 === 0 ? "embed" : "embed_avg"}`, [8, 8], "F32"),
  "one module": (index) => tensor(`layer.weight_${index}`, [8, 8]),
  "names without modules": (index) => tensor(`weight${index}`, [8, 8]),
  "packed in one module": (index) => tensor(`layer.qweight_${index}`, [8, 8], "I32"),
  "one packed module each": (index) => tensor(`a${index}.qweight`, [8, 64], "I32"),
};

const CONFIG = buildConfig({
  tie_word_embeddings: true,
  num_hidden_layers: 4,
  num_nextn_predict_layers: 1,
  num_experts: 4,
  num_experts_per_tok: 2,
  quantization_config: { quant_method: "gptq", bits: 4, group_size: 64 },
});

/** Every rule that compares tensors with each other. */
const RULES: Readonly<Record<string, (tensors: readonly Weight[]) => void>> = {
  unpacking: (tensors) => void unpackTensors(tensors.map(toTensor), CONFIG),
  ties: (tensors) => void findTies(tensors, CONFIG, findMtpLayers(CONFIG)),
  buffers: (tensors) => tensors.forEach(findBuffers(tensors, CONFIG)),
  "stacks of experts": (tensors) => tensors.forEach(findExpertStacks(tensors, CONFIG)),
  "averaged copies": (tensors) => void findAveragedCopies(tensors),
  "active parameters": (tensors) => void countActive(tensors, CONFIG),
};

/** The weight itself as a tensor: its reads are counted on. */
function toTensor(weight: Weight): Tensor {
  return weight as Weight & { readonly bytes: number };
}

let steps = 0;

/** Count the reads of names, shapes and other fields. */
function watch(one: Tensor): Weight {
  return new Proxy(
    { ...one, role: classifyRole(one.name), parameters: 64 },
    {
      get(target, key, receiver) {
        steps++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    },
  );
}

/** Each kind is made once, for all rules. */
const WATCHED = new Map(
  Object.entries(KINDS).map(([kind, build]) => [
    kind,
    Array.from({ length: 2_000 }, (_, index) => watch(build(index))),
  ]),
);

/** Count the steps of a rule that works on the first tensors of a kind. */
function countSteps(rule: (tensors: readonly Weight[]) => void, kind: string, size: number): number {
  steps = 0;
  rule((WATCHED.get(kind) ?? []).slice(0, size));
  return steps;
}

describe.each(Object.entries(RULES))("%s", (_rule, rule) => {
  test.each(Object.keys(KINDS))("%s", (kind) => {
    const [small, large] = [countSteps(rule, kind, 250), countSteps(rule, kind, 2_000)];
    // Eight times as many tensors: n log n takes about 11 times the steps, n² 64 times.
    expect(large / small).toBeLessThan(14);
  });
});
