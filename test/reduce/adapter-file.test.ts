import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { computeSafetensorsBytes } from "../../src/quant/safetensors-file.ts";
import type { LogicalModel } from "../../src/quant/scheme.ts";
import { computeAdapterBytes, buildAdapterFile } from "../../src/reduce/adapter-file.ts";
import { buildConfig } from "../../src/format/config.ts";
import type { Weight } from "../../src/model/weight.ts";
import { originalOf } from "./base-models.ts";

/** A line of fixtures/adapters/adapters.jsonl: what peft itself laid out. */
interface RealAdapter {
  readonly base: string;
  readonly recipe: string;
  readonly adapter_config: {
    readonly r: number;
    readonly target_modules: readonly string[];
    readonly use_dora: boolean;
    readonly modules_to_save: readonly string[] | null;
  };
  readonly params: number;
  readonly tensors: readonly (readonly [name: string, shape: readonly number[]])[];
}

const ADAPTERS = readFileSync(new URL("../../fixtures/adapters/adapters.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as RealAdapter);

/** peft was given BertForSequenceClassification: no cls, and a classifier of two labels. */
function classifierOf(id: string): LogicalModel {
  const { weights, config } = originalOf(id);
  const classifier: Weight[] = [
    { name: "classifier.weight", shape: [2, 768], dtype: "F32", role: "head", parameters: 1536 },
    { name: "classifier.bias", shape: [2], dtype: "F32", role: "head", parameters: 2 },
  ];
  return {
    weights: [...weights.filter(({ name }) => !name.startsWith("cls.")), ...classifier],
    config: buildConfig({ ...config?.root, architectures: ["BertForSequenceClassification"] }),
  };
}

const BASES: Readonly<Record<string, () => LogicalModel>> = {
  "llama-2-7b": () => originalOf("meta-llama/Llama-2-7b-hf"),
  "bert-base": () => classifierOf("google-bert/bert-base-uncased"),
  gpt2: () => originalOf("openai-community/gpt2"),
};

test.each(ADAPTERS)(
  "peft's own $base $recipe, tensor by tensor",
  ({ base, adapter_config, params, tensors }) => {
    const { r, target_modules, use_dora, modules_to_save } = adapter_config;
    const file = buildAdapterFile(BASES[base]?.() ?? { weights: [], config: null }, {
      rank: r,
      targets: target_modules,
      dora: use_dora,
      modulesToSave: modules_to_save ?? [],
    });
    if ("reason" in file) throw new Error(file.reason);
    expect(file.parameters).toBe(params);
    const own = file.tensors.map(({ name, shape }) => [name, shape] as const);
    const byName = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);
    expect(own.toSorted(byName)).toEqual(tensors.toSorted(byName));
    const stored = tensors.map(([name, shape]) => ({ name, shape, dtype: "F32" as const }));
    expect(computeAdapterBytes(file, "F32")).toBe(computeSafetensorsBytes(stored));
  },
);

describe("all-linear is everything but the output head", () => {
  test.each([
    // what peft lists by name for these two are all of their linear layers
    ["meta-llama/Llama-2-7b-hf", 64, 159_907_840],
    ["openai-community/gpt2", 64, 9_437_184],
  ])("%s at rank %i", (id, rank, parameters) => {
    const recipe = { rank, targets: "all-linear", dora: false, modulesToSave: [] } as const;
    expect(buildAdapterFile(originalOf(id), recipe)).toMatchObject({ parameters });
  });
});
