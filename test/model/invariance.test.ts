/** Names of wrappers, the order of tensors and their files never change a count; neither does a buffer. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import type { Tensor } from "../../src/format/tensor.ts";
import { classifyTensors } from "./classify.ts";
import { countParameters } from "../../src/model/parameters.ts";
import { readRealModels, type RealModel } from "../hub/real-models.ts";
import { tensor } from "./real-models.ts";

/** Small enough to count often: dense, tied and stored twice, encoders, encoder-decoders, with towers and experts. */
const MODELS = readRealModels().filter(({ tensors }) => tensors.length < 700);
const aModel = fc.constantFrom(...MODELS);

const listTensors = ({ tensors }: RealModel) =>
  tensors.map(([name, shape, dtype]) => tensor(name, shape, dtype));

function count({ config: root }: RealModel, tensors: readonly Tensor[]) {
  const config = buildConfig(root);
  return countParameters(classifyTensors([{ folder: "", tensors, config }]), config);
}

const RUNS = { numRuns: 60 };

describe("a count stays the same", () => {
  test("in any order, and so in any shards", () => {
    fc.assert(
      fc.property(aModel, fc.integer({ min: 1, max: 9 }), fc.nat(), (model, shards, seed) => {
        const tensors = listTensors(model);
        const shuffled = tensors
          .map((one, index) => ({ one, key: (index * 7919 + seed) % 10_007 }))
          .toSorted((a, b) => (a.key % shards) - (b.key % shards) || a.key - b.key)
          .map(({ one }) => one);
        expect(count(model, shuffled)).toEqual(count(model, tensors));
      }),
      RUNS,
    );
  });

  test("where a tensor is in two shards", () => {
    fc.assert(
      fc.property(aModel, fc.nat(), (model, index) => {
        const tensors = listTensors(model);
        const again = tensors[index % tensors.length];
        if (again) expect(count(model, [...tensors, again]).total).toBe(count(model, tensors).total);
      }),
      RUNS,
    );
  });

  test("under any prefix that wraps the whole model", () => {
    const aPrefix = fc.constantFrom(
      "transformer.",
      "language_model.",
      "model.",
      "led.",
      "base.model.",
      "module.",
    );
    fc.assert(
      fc.property(aModel, aPrefix, (model, prefix) => {
        const tensors = listTensors(model);
        const renamed = tensors.map((one) => ({ ...one, name: prefix + one.name }));
        const [before, after] = [count(model, tensors), count(model, renamed)];
        expect([after.total, after.active]).toEqual([before.total, before.active]);
      }),
      RUNS,
    );
  });

  test("with a known buffer more", () => {
    const aBuffer = fc.constantFrom(
      tensor("extra.rotary_emb.inv_freq", [64], "F32"),
      tensor("extra.attn.masked_bias", [], "F32"),
      tensor("extra.attn.bias", [1, 1, 64, 64], "F32"),
      tensor("extra.bn.running_mean", [64], "F32"),
      tensor("extra.bn.num_batches_tracked", [], "I64"),
      tensor("extra.position_ids", [1, 512], "I64"),
      tensor("final_logits_bias", [1, 500], "F32"),
      tensor("extra.self_attn.key_decay", [64, 256, 1], "F32"),
      tensor("extra.gate.e_score_correction_bias", [64], "F32"),
      tensor("criterion.empty_weight", [134], "F32"),
    );
    fc.assert(
      fc.property(aModel, aBuffer, (model, buffer) => {
        const tensors = listTensors(model);
        const { stored, ...before } = count(model, tensors);
        const { stored: more, ...after } = count(model, [...tensors, buffer]);
        expect(after).toEqual(before);
        expect(more).toBeGreaterThanOrEqual(stored ?? 0);
      }),
      RUNS,
    );
  });
});
