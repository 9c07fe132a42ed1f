import { expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { groupTensors } from "../../src/quant/tensor-types.ts";
import { fixtureModel } from "./fixtures.ts";

test("google/gemma-2b at Q4_K_M: the critical layers have more bits", () => {
  const { scheme, options } = parseQuantization("Q4_K_M");
  const tensors = scheme.listTensors?.(fixtureModel("google/gemma-2b-it"), options);
  if (tensors === undefined || isUnknown(tensors)) throw new Error("it is a GGUF");
  const groups = groupTensors(tensors);
  expect(groups.filter(({ name }) => name.includes("attn_v"))).toEqual([
    {
      name: "blk.*.attn_v.weight",
      type: "Q6_K",
      layers: "0-1,4,7,10,13,15-17",
      tensors: 9,
      parameters: 4_718_592,
      bytes: 3_870_720,
    },
    {
      name: "blk.*.attn_v.weight",
      type: "Q4_K",
      layers: "2-3,5-6,8-9,11-12,14",
      tensors: 9,
      parameters: 4_718_592,
      bytes: 2_654_208,
    },
  ]);
  expect(groups.slice(0, 2).map(({ name, type, layers }) => [name, type, layers])).toEqual([
    ["output_norm.weight", "F32", null],
    ["token_embd.weight", "Q6_K", null],
  ]);
  const parameters = groups.reduce((sum, group) => sum + group.parameters, 0);
  expect(parameters).toBe(2_506_172_416);
});
