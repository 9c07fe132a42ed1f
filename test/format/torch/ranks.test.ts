import { expect, test } from "vitest";
import { joinRanks } from "../../../src/format/torch/ranks.ts";

const tensor = (name: string, shape: readonly number[]) => ({
  name,
  shape,
  dtype: "BF16",
  bytes: 2 * shape.reduce((a, b) => a * b, 1),
});
const RANK = [
  tensor("layers.0.attention.wq.weight", [32, 64]),
  tensor("layers.0.attention.wo.weight", [64, 32]),
  tensor("norm.weight", [64]),
];

test("matrices are split between ranks, vectors are repeated", () => {
  expect(joinRanks([RANK, RANK]).map(({ shape, bytes }) => [shape, bytes])).toEqual([
    [[64, 64], 8192],
    [[64, 64], 8192],
    [[64], 128],
  ]);
  expect(joinRanks([RANK])).toEqual(RANK);
});

test.each([
  [[RANK.slice(1)]],
  [[tensor("a", [1]), ...RANK.slice(1)]],
  [[tensor("layers.0.attention.wq.weight", [32, 65]), ...RANK.slice(1)]],
])("ranks of other tensors are not joined", (others) => {
  expect(() => joinRanks([RANK, ...others.map((other) => [other].flat())])).toThrow("different tensors");
});
