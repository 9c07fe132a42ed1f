import { isUnknown, unknown } from "../../src/contract/unknown.ts";
import { startVariant } from "../../src/reduce/variant.ts";
import { describe, expect, test } from "vitest";
import { listPrunings } from "../../src/reduce/pruning.ts";
import { distill, STUDENTS } from "../../src/reduce/distillation.ts";
import { modelOf, weightOf } from "../quant/tiny-model.ts";
import { readRealModels } from "../hub/real-models.ts";
import { applyStep, applyTo, LEVELS_REQUEST, originalOf } from "./base-models.ts";

const structured = (id: string, unit: "heads" | "layers" | "width", percent: number) => {
  const outcome = applyTo(originalOf(id), `prune:${unit}:${percent}`);
  if (isUnknown(outcome)) return outcome.reason;
  const parameters = outcome.variant.weights.reduce((sum, weight) => sum + weight.parameters, 0);
  return `${outcome.name}: ${parameters}`;
};

test.each([
  // 32 layers × (3 × 1024 + 1024 columns) × 4096 less
  ["meta-llama/Llama-2-7b-hf", "heads", 25, `24 of 32 heads: ${6_738_415_616 - 32 * 4 * 1024 * 4096}`],
  // groups of four query heads share a key and a value: two groups go
  [
    "mistralai/Mistral-7B-v0.1",
    "heads",
    25,
    `24 of 32 heads: ${7_241_732_096 - 32 * 4096 * 2 * (1024 + 256)}`,
  ],
  // one key and value for all: they stay
  ["google/gemma-2b-it", "heads", 25, `6 of 8 heads: ${2_506_172_416 - 18 * 2 * 512 * 2048}`],
  // biases of query, key and value go along
  [
    "google-bert/bert-base-uncased",
    "heads",
    50,
    `6 of 12 heads: ${110_106_428 - 12 * (4 * 384 * 768 + 3 * 384)}`,
  ],
  // c_attn is [768, 2304], c_proj [768, 768]
  ["openai-community/gpt2", "heads", 50, `6 of 12 heads: ${124_439_808 - 12 * (4 * 384 * 768 + 3 * 384)}`],
  // a column of the relative bias for each head, once in each stack
  ["google-t5/t5-base", "heads", 50, `6 of 12 heads: ${222_903_552 - 36 * 4 * 384 * 768 - 2 * 32 * 6}`],
  [
    "openai/gpt-oss-20b",
    "heads",
    50,
    `32 of 64 heads: ${20_914_757_184 - 24 * (2048 * 2880 * 2 + 2048 + 2 * 256 * 2881 + 32)}`,
  ],
  [
    "meta-llama/Llama-2-7b-hf",
    "width",
    25,
    `8256 of 11008 inner width: ${6_738_415_616 - 32 * 3 * 2752 * 4096}`,
  ],
  ["microsoft/phi-4", "width", 50, `8960 of 17920 inner width: ${14_659_507_200 - 40 * 3 * 8960 * 5120}`],
  [
    "openai/gpt-oss-20b",
    "width",
    25,
    `2160 of 2880 inner width: ${20_914_757_184 - 24 * 32 * (3 * 720 * 2880 + 2 * 720)}`,
  ],
  [
    "mistralai/Mixtral-8x7B-v0.1",
    "width",
    25,
    `10752 of 14336 inner width: ${46_702_792_704 - 32 * 8 * 3 * 3584 * 4096}`,
  ],
  ["meta-llama/Llama-2-7b-hf", "layers", 25, `24 of 32 layers: ${6_738_415_616 - 8 * 202_383_360}`],
  ["google-t5/t5-base", "layers", 50, "6 + 6 of 12 + 12 layers: 123790080"],
  [
    "deepseek-ai/DeepSeek-V2-Lite",
    "heads",
    25,
    "heads of its attention are not known: model.layers.0.self_attn.kv_a_proj_with_mqa.weight",
  ],
  ["Qwen/Qwen2.5-0.5B-Instruct", "heads", 25, "25 % of 2 groups of heads is none"],
  ["google/gemma-2b-it", "layers", 5, "that removes none of 18 layers"],
  [
    "albert/albert-base-v2",
    "layers",
    50,
    "its layers are shared: with fewer of them it is faster, not smaller",
  ],
] as const)("%s without %s %i %%: %s", (id, unit, percent, expected) => {
  expect(structured(id, unit, percent)).toBe(expected);
});

test("the shapes that result are told, one for all layers", () => {
  const rows = listPrunings(originalOf("meta-llama/Llama-2-7b-hf"), LEVELS_REQUEST);
  expect(rows.find(({ name }) => name === "24 of 32 heads")?.shapes).toContainEqual({
    name: "model.layers.*.self_attn.o_proj.weight",
    before: [4096, 4096],
    after: [4096, 3072],
  });
});

describe("every model of the catalog", () => {
  test.each(readRealModels().map(({ id }) => id))("%s", (id) => {
    const base = originalOf(id);
    const total = base.weights.reduce((sum, { parameters }) => sum + parameters, 0);
    const rows = listPrunings(base, LEVELS_REQUEST);
    const [dense, bitmask, csr, bitmask90, csr90, semi] = rows.map(({ sizes }) =>
      sizes.map(({ bytes }) => bytes ?? 0),
    );
    for (const row of rows.filter(({ reason }) => reason === null)) {
      expect(row.parameters).toBeLessThan(total);
      for (const { bytes } of row.sizes) expect(Number.isSafeInteger(bytes)).toBe(true);
    }
    for (const level of [0, 1, 2, 3]) {
      const of = (sizes: readonly number[] | undefined) => sizes?.[level] ?? 0;
      expect(of(bitmask)).toBeLessThan(of(csr)); // at half zeros, an index costs more than 32 bits of mask
      expect(of(bitmask90)).toBeLessThan(of(bitmask));
      expect(of(csr90)).toBeLessThan(of(csr));
      if (semi?.length) expect(of(semi)).toBeLessThan(of(bitmask)); // no row offsets
    }
    expect(dense?.[1]).toBe(2 * total); // zeros save nothing
    expect(csr?.[1]).toBeGreaterThan(dense?.[1] ?? 0); // and cost more, with an index each
  });
});

test("a dense file of zeros is the file of before, in every level", () => {
  const base = originalOf("google/gemma-2b-it");
  const [dense] = listPrunings(base, LEVELS_REQUEST);
  expect(dense?.sizes.map(({ bytes }) => bytes)).toEqual([
    10_024_689_664, 5_012_344_832, 2_508_179_456, 1_409_830_912,
  ]);
});

test("sparse rows can be worked out again from what they say: Gemma 2B, fp16", () => {
  const rows = listPrunings(originalOf("google/gemma-2b-it"), LEVELS_REQUEST);
  const [, bitmask, csr, , , semi] = rows.map(({ parameters, inputs, sizes }) => {
    const { positions, values, maskBytes, rows: count, matrices } = inputs as Record<string, number>;
    return { parameters, positions, values, maskBytes, rows: count, matrices, bytes: sizes[1]?.bytes };
  });
  const positions = 18 * (2 * 2048 * 2048 + 2 * 256 * 2048 + 3 * 16_384 * 2048);
  const own = {
    positions,
    values: positions / 2,
    maskBytes: positions / 8,
    rows: 18 * 39_424,
    matrices: 126,
    parameters: 2_506_172_416 - positions / 2,
  };
  const values = 2 * own.parameters;
  expect(bitmask).toEqual({ ...own, bytes: values + positions / 8 + 8 * own.rows + 16 * 126 });
  expect(csr).toEqual({ ...own, bytes: values + 4 * (positions / 2 + own.rows + 126) });
  expect(semi).toEqual({ ...own, bytes: values + positions / 8 + 16 * 126 });
  expect(rows[2]?.arithmetic).toBe(
    "1,515,268,096 left + 4 × 990,904,320 columns + 4 × (709,632 rows + 126 matrices); the scales of int8 and int4 stay whole",
  );
});

test("one layer is not a shared one", () => {
  const query = weightOf("model.layers.0.self_attn.q_proj.weight", 8, 8);
  const start = startVariant(modelOf({ model_type: "llama" }, query));
  expect(applyStep(start, "prune:layers:50")).toEqual(unknown("it has one layer"));
  for (const student of STUDENTS.filter((name) => name !== "smaller"))
    expect(distill(start, student)).toEqual(unknown("it has one layer"));
});

test("what is narrower says so in its config", () => {
  const change = applyTo(originalOf("google/gemma-2b-it"), "prune:width:25");
  expect(isUnknown(change) ? null : change.variant.config?.text["intermediate_size"]).toBe(12_288);
});

test("pruned twice is refused", () => {
  const first = applyTo(originalOf("google/gemma-2b-it"), "prune:2:4");
  if (isUnknown(first)) throw new Error(first.reason);
  expect(applyStep(first.variant, "prune:2:4")).toEqual(unknown("its matrices are pruned already"));
});
