import { expect, test } from "vitest";
import { findNearModels, suggestModels } from "../../../src/source/catalog/near.ts";

test.each([
  ["gemma2b", ["gemma-2b"]],
  ["Gemma 2B", ["gemma-2b"]],
  ["google/gemma2b", ["gemma-2b"]],
  ["gemma-7b-ti", []],
  ["gmema-2b", ["gemma-2b"]],
  ["mistrall-7b", ["mistral-7b"]],
  [
    "llama-3.1",
    ["llama3.1-8b", "llama3.1-70b", "llama3.1-405b", "llama3.1-8b-instruct", "llama3.1-70b-instruct"],
  ],
  ["llama3", ["llama3-8b", "llama3-70b", "llama3.2-1b", "llama3.2-3b", "llama3.2-11b"]],
  ["phi3", ["phi3.5-mini", "phi3-mini"]],
  ["qwen 2.5 7b", ["qwen2.5-7b"]],
  ["e5", ["e5-small-v2", "e5-base-v2"]],
  ["bge", ["bge-small", "bge-base", "bge-large", "bge-large-zh-v1.5"]],
  ["smollm3-1b", []],
  ["mixtral8x7b", ["mixtral-8x7b"]],
  // a family before a mistyped word: Mixtral
  ["mistral", ["mistral-7b", "mistral-nemo", "mistral-7b-instruct", "mistral-7b-instruct-v0.3"]],
  // other models, which the Hub is searched for: numbers and short words are never mistyped
  ["Phi-3-mini-4k-instruct", []],
  ["qwen2-7b", []],
  ["gemma-3-2b", []],
  ["gemma-2b-openhermes", []],
  ["bert-large-uncased", []],
  ["ph-2", []],
  ["", []],
  ["-", []],
  ["x".repeat(100_000), []],
])("%.30s is near to %j", (name, models) => {
  expect(findNearModels(name).toSorted()).toEqual(models.toSorted());
});

test.each([
  ["gpt2-small", ["gpt2"]],
  ["gemma-2b-openhermes", ["gemma-2b"]],
  ["Phi-3-mini-4k-instruct", ["phi3-mini"]],
  ["mistral7b-instruct-v0.4", ["mistral-7b-instruct-v0.2", "mistral-7b-instruct-v0.3"]],
  ["qwen25-7b", ["qwen2.5-7b"]],
  ["gemma-3-12b", ["gemma3-270m", "gemma3-1b", "gemma3-4b", "gemma3-27b", "gemma3-270m-it"]],
  ["phi-3-small", ["phi3-mini"]],
  ["bert-large", ["bert"]],
  ["kokoro", []],
  ["acme/tiny", []],
  ["x".repeat(100_000), []],
])("for %.30s %j are suggested", (name, models) => {
  expect(suggestModels(name)).toEqual(models);
});
