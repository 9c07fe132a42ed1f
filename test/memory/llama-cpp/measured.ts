/** What a real llama.cpp reserved for the models of models.ts and held-out-models.ts: fixtures/llama-cpp/buffers.jsonl. */
import { readFileSync } from "node:fs";
import type { KvDtype } from "../../../src/contract/terms.ts";
import { HELD_OUT } from "./held-out-models.ts";
import { MODELS, type Model, type Run } from "./models.ts";

interface Row extends Run {
  readonly model: string;
  /** Caches and states, as printed. */
  readonly keptMiB: readonly number[];
  /** Exact. */
  readonly keptAndComputeBytes: number;
}

const KV_DTYPES: Readonly<Record<string, KvDtype>> = { F16: "fp16", Q8_0: "q8_0", Q4_0: "q4_0" };

const [, ...lines] = readFileSync(
  new URL("../../../fixtures/llama-cpp/buffers.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

export const MEASURED = lines.flatMap((line) => {
  const { model: name, keptMiB, keptAndComputeBytes, kvType, ...run } = JSON.parse(line) as Row;
  const model = Object.entries<Model>({ ...MODELS, ...HELD_OUT }).find(([known]) => known === name)?.[1];
  const kvDtype = KV_DTYPES[kvType];
  if (!model || !kvDtype) throw new Error(`${name} with ${kvType} is not described`);
  const { architecture, vocabulary, ...words } = model;
  // Without flash attention, llama.cpp quantizes keys alone, which llm-size does not offer.
  if (!run.flashAttention && kvType !== "F16") return [];
  return [{ name, architecture, vocabulary, words, run: { ...run, kvDtype }, keptMiB, keptAndComputeBytes }];
});
