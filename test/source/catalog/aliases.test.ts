import { expect, test } from "vitest";
import { listAliases, resolveAlias } from "../../../src/source/catalog/aliases.ts";
import { listCatalog } from "../../../src/source/catalog/catalog.ts";

const ids = listCatalog().map(({ id }) => id);

test.each([
  ["gemma-2b", "google/gemma-2b"],
  ["gemma-2b-it", "google/gemma-2b-it"],
  ["gemma-7b", "google/gemma-7b"],
  ["gemma-2-2b", "google/gemma-2-2b"],
  ["gemma-2-9b", "google/gemma-2-9b"],
  ["gemma-3-1b", "google/gemma-3-1b-it"],
  ["mistral-7b", "mistralai/Mistral-7B-v0.1"],
  ["mistral-7b-instruct", "mistralai/Mistral-7B-Instruct-v0.2"],
  ["mixtral", "mistralai/Mixtral-8x7B-v0.1"],
  ["mixtral-8x7b", "mistralai/Mixtral-8x7B-v0.1"],
  ["llama-2-7b", "meta-llama/Llama-2-7b-hf"],
  ["llama-2-7b-chat", "meta-llama/Llama-2-7b-chat-hf"],
  ["llama-3-8b", "meta-llama/Meta-Llama-3-8B"],
  ["llama-3.1-8b", "meta-llama/Llama-3.1-8B"],
  ["llama-3.2-1b", "meta-llama/Llama-3.2-1B"],
  ["llama-3.2-3b", "meta-llama/Llama-3.2-3B-Instruct"],
  ["bge-small", "BAAI/bge-small-en-v1.5"],
  ["modernbert", "answerdotai/ModernBERT-base"],
  ["whisper-turbo", "openai/whisper-large-v3-turbo"],
  ["gemma3-270m", "google/gemma-3-270m"],
  ["distilbert", "distilbert/distilbert-base-uncased"],
  ["distilbert-base-uncased", "distilbert/distilbert-base-uncased"],
  ["distilbert-sst2", "distilbert/distilbert-base-uncased-finetuned-sst-2-english"],
  ["albert", "albert/albert-base-v2"],
  ["bert", "google-bert/bert-base-uncased"],
  ["bert-base-uncased", "google-bert/bert-base-uncased"],
  ["gpt2", "openai-community/gpt2"],
  ["gpt2-xl", "openai-community/gpt2-xl"],
  ["t5-base", "google-t5/t5-base"],
  ["qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B"],
  ["qwen3-0.6b", "Qwen/Qwen3-0.6B"],
  ["gpt-oss-20b", "openai/gpt-oss-20b"],
  ["minilm", "sentence-transformers/all-MiniLM-L6-v2"],
  ["all-minilm-l6-v2", "sentence-transformers/all-MiniLM-L6-v2"],
  ["clip", "openai/clip-vit-large-patch14"],
  ["whisper-base", "openai/whisper-base"],
  ["bloom", "bigscience/bloom"],
  ["tinyllama", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"],
  ["phi-2", "microsoft/phi-2"],
  ["phi-3-mini", "microsoft/Phi-3-mini-128k-instruct"],
  ["phi-4", "microsoft/phi-4"],
  ["smollm3", "HuggingFaceTB/SmolLM3-3B"],
  // The base model where it is here, else the one that was tuned.
  ["llama-3.1-8b-instruct", "meta-llama/Llama-3.1-8B-Instruct"],
  ["llama3.1-70b", "meta-llama/Llama-3.1-70B"],
  ["llama-3.1-405b", "meta-llama/Meta-Llama-3.1-405B"],
  ["llama-2-13b", "meta-llama/Llama-2-13b-chat-hf"],
  ["llama2-7b-chat", "meta-llama/Llama-2-7b-chat-hf"],
  ["qwen2.5-7b", "Qwen/Qwen2.5-7B"],
  ["qwen3-30b", "Qwen/Qwen3-30B-A3B"],
  ["qwen3-coder-480b", "Qwen/Qwen3-Coder-480B-A35B-Instruct"],
  ["smollm2-1.7b", "HuggingFaceTB/SmolLM2-1.7B-Instruct"],
  ["tinyllama-1.1b", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"],
  ["mixtral-8x22b", "mistralai/Mixtral-8x22B-v0.1"],
  ["phi3.5-mini", "microsoft/Phi-3.5-mini-instruct"],
  ["phi4", "microsoft/phi-4"],
  ["embeddinggemma", "google/embeddinggemma-300m"],
  ["Gemma-2B", "google/gemma-2b"],
  ["GOOGLE/gemma-2b", "google/gemma-2b"],
])("%s is %s", (name, id) => {
  expect(resolveAlias(name)).toBe(id);
});

test.each([
  ["a base model that is not here", "google/gemma-3-1b"],
  ["another version", "smollm4-1.7b"],
  ["a size behind a version", "gemma2b"],
  ["a model of its own", "multilingual-e5-large"],
  ["a family of many sizes", "gemma"],
  ["a revision", "gemma-2b@main"],
  ["part of a name", "gemma-2"],
  ["nothing", ""],
  ["a property of every object", "__proto__"],
  ["another", "constructor"],
])("%s is no alias: %j", (_what, name) => {
  expect(resolveAlias(name)).toBeNull();
  expect(listAliases(name)).not.toContain("gemma-2b");
});

test("every model answers to its id and to each of its aliases, and to no other's", () => {
  const claims = ids.flatMap((id) =>
    [id, ...listAliases(id)].map((name) => [name.toLowerCase(), id] as const),
  );
  expect(new Set(claims.map(([name]) => name)).size).toBe(claims.length);
  for (const [name, id] of claims) expect(resolveAlias(name)).toBe(id);
});

test("aliases are lower case, and each model has the last part of its id", () => {
  for (const id of ids) {
    const aliases = listAliases(id);
    expect(aliases).toContain(id.split("/")[1]?.toLowerCase());
    expect(aliases).toEqual(aliases.map((alias) => alias.toLowerCase()));
  }
});
