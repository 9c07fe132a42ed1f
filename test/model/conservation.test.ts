import { expect, test } from "vitest";
import { readRealModels } from "../hub/real-models.ts";
import { examineReal } from "./real-models.ts";
import { judgeConservation } from "../../src/model/conservation.ts";

const MB = 1_000_000;
type Reason = Parameters<typeof judgeConservation>[0]["excluded"][number]["reason"];

const WEIGHT = {
  name: "a.weight",
  shape: [25_000_000],
  dtype: "F32",
  role: "other" as const,
  parameters: 25_000_000,
};

/** A model with 100 MB of weights, the largest of 20 MB, and tensors that are not counted. */
function judge(
  rows: readonly (readonly [reason: Reason, bytes: number])[],
  fileBytes: number | null = null,
): string | null {
  const excluded = rows.map(([reason, bytes], index) => ({
    reason,
    tensor: {
      name: reason === "training" ? `state.${index}.exp_avg` : `t${index}`,
      shape: [bytes / 4],
      dtype: "F32",
      bytes,
    },
  }));
  return judgeConservation(
    { weights: [WEIGHT], excluded, countedBytes: 100 * MB, largestBytes: 20 * MB },
    fileBytes,
  );
}

test.each<[string, (readonly [Reason, number])[], number | null]>([
  ["nothing else", [], null],
  ["the masks of gpt2", [["buffer", 10 * MB]], null],
  [
    "a tied head, and the copies of an encoder-decoder",
    [
      ["tied", 20 * MB],
      ["tied", 20 * MB],
      ["tied", 20 * MB],
    ],
    null,
  ],
  [
    "scales of small groups",
    [
      ["scale", 25 * MB],
      ["zero-point", 12 * MB],
    ],
    null,
  ],
  [
    "an optimizer and an average",
    [
      ["training", 100 * MB],
      ["training", 100 * MB],
      ["copy", 100 * MB],
    ],
    null,
  ],
  ["the file's own headers", [], 101 * MB],
])("%s adds up", (_, rows, fileBytes) => {
  expect(judge(rows, fileBytes)).toBeNull();
});

test.each<[name: string, bytes: number, isExplained: boolean]>([
  ["model.embeddings.position_ids", 9 * MB, true],
  ["h.0.attn.bias", 9 * MB, true],
  ["layers.0.table", 0.9 * MB, true],
  ["layers.0.table", 2 * MB, false],
])("integers called %s, of %d bytes", (name, bytes, isExplained) => {
  const tensor = { name, shape: [bytes / 8], dtype: "I64", bytes };
  const counted = {
    weights: [WEIGHT],
    excluded: [{ tensor, reason: "buffer" as const }],
    countedBytes: 100 * MB,
  };
  const reason = judgeConservation({ ...counted, largestBytes: 20 * MB }, null);
  if (isExplained) expect(reason).toBeNull();
  else expect(reason).toMatch(/^layers\.0\.table holds integers/);
});

test.each<[string, (readonly [Reason, number])[], number | null]>([
  ["buffers as large as layers", [["buffer", 20 * MB]], null],
  ["eight heads", Array.from({ length: 8 }, () => ["tied", 20 * MB] as const), null],
  ["scales as large as the weights", [["scale", 100 * MB]], null],
  ["a file of twice the bytes", [], 200 * MB],
  ["five moments per weight", Array.from({ length: 5 }, () => ["training", 100 * MB] as const), null],
  ["an optimizer of another shape", [["training", 40 * MB]], null],
])("%s do not", (_, rows, fileBytes) => {
  expect(judge(rows, fileBytes)).toMatch(/^\d+ % of the bytes stored are not explained by its weights/);
});

test("nothing hides in a tiny model", () => {
  const excluded = [
    { reason: "buffer" as const, tensor: { name: "a", shape: [1000], dtype: "U8", bytes: 1000 } },
  ];
  expect(judgeConservation({ weights: [], excluded, countedBytes: 10, largestBytes: 10 }, null)).toBeNull();
});

test("every real model adds up", () => {
  const doubts = readRealModels().flatMap(
    ({ id }) => judgeConservation(examineReal(id).classified, null) ?? [],
  );
  expect(doubts).toEqual([]);
});
