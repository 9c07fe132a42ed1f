import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classifyTensors } from "./classify.ts";
import { countParameters, UNKNOWN_COUNTS } from "../../src/model/parameters.ts";
import { readRealModels } from "../hub/real-models.ts";
import { examineCheckpoint, examineReal, tensor } from "./real-models.ts";

const sum = (counts: object | null) =>
  Object.values(counts ?? {}).reduce((total: number, count: number) => total + count, 0);

describe("every well-known model", () => {
  const models = readRealModels();
  test("there are 53", () => expect(models).toHaveLength(53));

  test.each(models)("$id: $parameters of $storedElements", ({ id, parameters, storedElements }) => {
    const { classified, config } = examineReal(id);
    const counts = countParameters(classified, config);
    expect(counts).toMatchObject({ total: parameters, stored: storedElements });
    expect(sum(counts.byRole)).toBe(parameters);
    expect(sum(counts.byDtype)).toBe(parameters);
    expect(counts.embedding).toBe(counts.byRole?.embedding);
  });
});

describe("what torch counts in a checkpoint that transformers wrote", () => {
  const root = new URL("../../fixtures/checkpoints/", import.meta.url);
  const truth = JSON.parse(readFileSync(new URL("truth.json", root), "utf8")) as {
    id: string;
    params: number;
  }[];
  const cases = truth.filter(({ id }) =>
    ["model.safetensors", "model.safetensors.index.json"].some((name) =>
      existsSync(new URL(`${id}/${name}`, root)),
    ),
  );
  test("there are thirteen", () => expect(cases).toHaveLength(13));

  test.each(cases)("$id: $params", async ({ id, params }) => {
    const { classified, config } = await examineCheckpoint(id);
    expect(countParameters(classified, config).total).toBe(params);
  });
});

test.each([
  // id                                   embedding       attention        mlp              vision
  ["google/gemma-2b-it", 524_288_000, 169_869_312, 1_811_939_328, 0],
  ["bigscience/bloom", 3_596_615_680, 57_549_864_960, 115_096_719_360, 0],
  ["openai-community/gpt2", 39_383_808, 28_348_416, 56_669_184, 0],
  ["google/gemma-3-4b-it", 671_252_480, 534_773_760, 2_673_868_800, 419_816_304],
  ["openai/clip-vit-large-patch14", 38_004_480, 28_348_416, 56_669_184, 303_966_208],
])("%s by role", (id, embedding, attention, mlp, vision) => {
  const { classified, config } = examineReal(id);
  expect(countParameters(classified, config).byRole).toMatchObject({ embedding, attention, mlp, vision });
});

test("packed weights are counted under the dtype that holds them", () => {
  const { classified, config } = examineReal("openai/gpt-oss-20b");
  expect(countParameters(classified, config).byDtype).toEqual({ BF16: 1_804_459_584, U8: 19_110_297_600 });
});

test("a packing that is not understood leaves only what is stored", () => {
  const tensors = [tensor("layer.mystery", [100, 50], "I32"), tensor("norm.weight", [7])];
  const classified = classifyTensors([{ folder: "", tensors, config: null }]);
  expect(countParameters(classified, null)).toEqual({ ...UNKNOWN_COUNTS, stored: 5_007 });
});

test("no tensors are no parameters", () => {
  const classified = classifyTensors([{ folder: "", tensors: [], config: null }]);
  expect(countParameters(classified, null)).toMatchObject({ total: 0, active: 0, stored: 0, byDtype: {} });
});

test("a dtype named __proto__ is one like others", () => {
  const tensors = [{ name: "w", shape: [3], dtype: "__proto__", bytes: 3 }];
  const classified = classifyTensors([{ folder: "", tensors, config: null }]);
  expect(Object.entries(countParameters(classified, null).byDtype)).toEqual([["__proto__", 3]]);
});
