import { expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { buildOnnxGraphs, type OnnxGraph, type Operation } from "../../src/quant/onnx-graphs.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, weightOf } from "./tiny-model.ts";

function graphsOf(id: string): readonly OnnxGraph[] {
  const graphs = buildOnnxGraphs(fixtureModel(id), {}, false);
  if (isUnknown(graphs)) throw new Error(graphs.reason);
  return graphs;
}

const BERT = { model_type: "bert", num_hidden_layers: 1 };

test.each<readonly [string, readonly string[], string, readonly number[], Operation]>([
  ["an embedding is looked up", ["BertModel"], "embeddings.word_embeddings.weight", [9, 4], "gather"],
  ["so are BERT's positions", ["BertModel"], "embeddings.position_embeddings.weight", [9, 4], "gather"],
  ["a layer multiplies", ["BertModel"], "encoder.layer.0.intermediate.dense.weight", [8, 4], "matmul"],
  ["a norm is plain", ["BertModel"], "embeddings.LayerNorm.weight", [4], "plain"],
  ["a pooler sees one token", ["BertForSequenceClassification"], "bert.pooler.dense.weight", [4, 4], "gemm"],
  ["so does a classifier", ["BertForSequenceClassification"], "classifier.weight", [2, 4], "gemm"],
  ["but not of tokens", ["BertForTokenClassification"], "classifier.weight", [2, 4], "matmul"],
  ["answers are tokens", ["BertForQuestionAnswering"], "qa_outputs.weight", [2, 4], "matmul"],
])("%s", (_what, architectures, name, shape, operation) => {
  const graphs = buildOnnxGraphs(modelOf({ ...BERT, architectures }, weightOf(name, ...shape)), {}, false);
  expect(graphs).toMatchObject([{ base: "model", weights: [{ operation }] }]);
});

test("a base model's export has no pooler", () => {
  const subject = modelOf({ ...BERT, architectures: ["BertModel"] }, weightOf("pooler.dense.weight", 4, 4));
  expect(buildOnnxGraphs(subject, {}, false)).toMatchObject([{ weights: [] }]);
});

test("gpt2 multiplies with Gemm", () => {
  const [graph] = graphsOf("openai-community/gpt2");
  const operations = graph?.weights.map(({ operation }) => operation);
  expect(new Set(operations)).toEqual(new Set(["gather", "gemm", "plain"]));
});

test("T5 looks its embedding up in both graphs, and its layers are in one", () => {
  const graphs = graphsOf("google-t5/t5-base");
  const count = (operation: Operation) =>
    graphs.map(({ weights }) => weights.filter((weight) => weight.operation === operation).length);
  expect(count("gather")).toEqual([2, 2]);
  expect(count("matmul")).toEqual([12 * 6, 12 * 10]);
});

test("Whisper's positions are added and its sound is convolved", () => {
  const [encoder] = graphsOf("openai/whisper-tiny");
  const weights = encoder?.weights ?? [];
  expect(weights.filter(({ operation }) => operation === "gather")).toEqual([]);
  expect(weights.filter(({ operation }) => operation === "conv")).toHaveLength(2);
  expect(weights).toContainEqual({
    name: "model.encoder.embed_positions.weight",
    operation: "plain",
    parameters: 576_000,
    outputs: 1500,
    inputs: 384,
  });
});

test("a decoder that rotates holds the cosines and sines of all positions", () => {
  const [graph] = graphsOf("Qwen/Qwen3-0.6B");
  const last = graph?.weights.at(-1);
  expect(last).toMatchObject({ operation: "plain", parameters: 2 * 40_960 * 64 });
});
