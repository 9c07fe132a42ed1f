import { isUnknown } from "../../src/contract/unknown.ts";
import { startVariant } from "../../src/reduce/variant.ts";
import { describe, expect, test } from "vitest";
import {
  compareStudent,
  distill,
  listDistillations,
  STUDENTS,
  type Student,
} from "../../src/reduce/distillation.ts";
import { modelOf, weightOf } from "../quant/tiny-model.ts";
import { readRealModels } from "../hub/real-models.ts";
import { LEVELS_REQUEST, originalOf } from "./base-models.ts";

const sumOf = (weights: readonly { readonly parameters: number }[]) =>
  weights.reduce((sum, { parameters }) => sum + parameters, 0);

const studentOf = (id: string, student: Student) => {
  const change = distill(startVariant(originalOf(id)), student);
  return isUnknown(change) ? change.reason : sumOf(change.variant.weights);
};

test("half of BERT is DistilBERT, to the parameter", () => {
  expect(studentOf("google-bert/bert-base-uncased", "half-layers")).toBe(66_985_530);
  expect(sumOf(originalOf("distilbert/distilbert-base-uncased").weights)).toBe(66_985_530);
});

test("half of BERT in depth and width is MiniLM, to the parameter", () => {
  const bert = originalOf("google-bert/bert-base-uncased");
  const change = distill(
    startVariant({ ...bert, weights: bert.weights.filter(({ name }) => !name.startsWith("cls.")) }),
    "half-size",
  );
  expect(isUnknown(change) ? change : sumOf(change.variant.weights)).toBe(22_713_216);
  expect(sumOf(originalOf("sentence-transformers/all-MiniLM-L6-v2").weights)).toBe(22_713_216);
});

test.each([
  // 9 layers of 1024: query and output 1024 × 1024, key and value 128 × 1024, three of 8192 × 1024, two norms
  ["google/gemma-2b-it", 256_000 * 1024 + 9 * (1024 * (2 * 1024 + 2 * 128 + 3 * 8192) + 2 * 1024) + 1024],
  ["openai/clip-vit-large-patch14", "a student of it needs a smaller tower, too"],
  ["albert/albert-base-v2", "its layers are shared"],
  [
    "deepseek-ai/DeepSeek-V2-Lite",
    "heads of its attention are not known: model.layers.0.self_attn.kv_a_proj_with_mqa.weight",
  ],
])("%s, half in size: %s", (id, expected) => expect(studentOf(id, "half-size")).toBe(expected));

describe("the next smaller shape is that of a real model, to the parameter", () => {
  test.each([
    ["google/gemma-7b", "google/gemma-2b-it"],
    ["google/gemma-2-9b", "google/gemma-2-2b-it"],
    ["meta-llama/Llama-2-13b-chat-hf", "meta-llama/Llama-2-7b-hf"],
    ["meta-llama/Llama-2-7b-hf", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"],
    ["meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"],
    ["Qwen/Qwen2.5-14B", "Qwen/Qwen2.5-7B-Instruct"],
    ["Qwen/Qwen2.5-1.5B", "Qwen/Qwen2.5-0.5B-Instruct"],
    ["Qwen/Qwen3-1.7B", "Qwen/Qwen3-0.6B"],
    ["openai/whisper-base", "openai/whisper-tiny"],
  ])("%s → %s", (teacher, student) => {
    expect(studentOf(teacher, "smaller")).toBe(sumOf(originalOf(student).weights));
  });

  // published totals of models that are not in the catalog
  test.each([
    ["bigscience/bloom", 7_069_016_064], // bloom-7b1
    ["openai-community/gpt2-xl", 774_030_080], // gpt2-large
    ["google-t5/t5-base", 60_506_624], // t5-small
    ["google/gemma-3-1b-it", 268_098_176], // gemma-3-270m
    ["meta-llama/Llama-3.1-8B-Instruct", 3_212_749_824], // Llama-3.2-3B, the same
    ["Qwen/Qwen3-8B", 4_022_468_096], // Qwen3-4B, whose head is tied
  ])("%s → %i", (teacher, parameters) => expect(studentOf(teacher, "smaller")).toBe(parameters));
});

test.each([
  ["google/gemma-2b-it", "no smaller shape of its series is known; --student compares it with a real model"],
  ["google/gemma-3-4b-it", "a student of it needs a smaller tower, too"],
  ["albert/albert-base-v2", "its layers are shared"],
])("%s: %s", (id, reason) => expect(studentOf(id, "smaller")).toBe(reason));

test.each(readRealModels().map(({ id }) => id))("a student of %s is smaller, if there is one", (id) => {
  for (const student of STUDENTS) {
    const parameters = studentOf(id, student);
    if (typeof parameters === "number") expect(parameters).toBeLessThan(sumOf(originalOf(id).weights));
  }
});

test("every second layer is kept, from the first", () => {
  const base = originalOf("google/gemma-2b-it");
  const marked = base.weights.map((weight) => ({
    ...weight,
    dtype: /layers\.(\d+)\./.exec(weight.name)?.[1] ?? "",
  }));
  const change = distill(startVariant({ ...base, weights: marked }), "half-layers");
  if (isUnknown(change)) throw new Error(change.reason);
  const kept = change.variant.weights.filter(({ name }) => name.endsWith("q_proj.weight"));
  expect(kept.map(({ name, dtype }) => `${name.split(".")[2]} was ${dtype}`)).toEqual(
    Array.from({ length: 9 }, (_, index) => `${index} was ${2 * index}`),
  );
  expect(change.variant.config?.text["num_hidden_layers"]).toBe(9);
});

test("an encoder and a decoder keep layers of their own number, in the config as well: google/byt5-small", () => {
  const stackOf = (layers: number, stack: string) =>
    Array.from({ length: layers }, (_, layer) =>
      weightOf(`${stack}.block.${layer}.layer.0.SelfAttention.q.weight`, 8, 8),
    );
  const start = startVariant(
    modelOf(
      { model_type: "t5", num_layers: 12, num_decoder_layers: 4 },
      ...stackOf(4, "decoder"),
      ...stackOf(12, "encoder"),
    ),
  );
  const change = distill(start, "half-layers");
  if (isUnknown(change)) throw new Error(change.reason);
  expect(change.variant.config?.text).toMatchObject({ num_layers: 6, num_decoder_layers: 2 });
});

test("encoder and decoder are both halved: whisper-base", () => {
  const change = distill(startVariant(originalOf("openai/whisper-base")), "half-size");
  expect(change).toMatchObject({ name: "3 + 3 of 6 + 6 layers, 256 wide" });
});

test("a student larger than its teacher is told", () => {
  const [bert, gpt2] = [originalOf("google-bert/bert-base-uncased"), originalOf("openai-community/gpt2")];
  expect(compareStudent(bert, gpt2)).toHaveProperty(
    "caveat",
    expect.stringMatching(/larger than its teacher/),
  );
});

test("a real student beside its teacher", () => {
  const bert = originalOf("google-bert/bert-base-uncased");
  const student = originalOf("distilbert/distilbert-base-uncased");
  const rows = listDistillations(bert, { ...LEVELS_REQUEST, student: { id: student.id, model: student } });
  expect(rows.at(-1)).toMatchObject({
    parameters: 66_985_530,
    arithmetic: "66,985,530 / 110,106,428 = 60.8 %",
  });
});
