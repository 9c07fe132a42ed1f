import { describe, expect, test } from "vitest";
import { DEFAULT_RUN_OPTIONS, type Budget } from "../../src/budget/budget.ts";
import { judgeModel } from "../../src/budget/judge.ts";
import type { MemoryInput } from "../../src/memory/memory-plan.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { parseNetworkSpeed } from "../../src/memory/download-time.ts";
import type { ModelReport, Verdict } from "../../src/contract/types.ts";
import type { RuleName } from "../../src/contract/terms.ts";
import { configOf } from "../memory/known-caches.ts";
import { budget, GEMMA_2B, GEMMA_2B_INT4_BYTES, withNote } from "./subjects.ts";

const CACHE = 75_497_472;
// 512 tokens of 256,000 logits and twice the 2,048 hidden elements, that again, and half a mask of 512 × 4,096 in 16 bits.
const OVERHEAD = 512 * (256_000 + 2 * 2048 + 1) * 4;
const KNOWN: MemoryInput = { config: configOf("google/gemma-2b-it"), reason: null, weights: [] };
const UNKNOWN: MemoryInput = { config: null, reason: "why", weights: [] };

interface Case {
  readonly rule?: RuleName;
  readonly limit?: number;
  readonly quantization?: string | null;
  readonly model?: ModelReport;
  readonly memory?: MemoryInput | null;
  readonly bandwidth?: string | null;
}

function judge(options: Case): Verdict | undefined {
  const {
    rule = "maxMemory",
    limit = 1e15,
    quantization = "int4",
    model = GEMMA_2B,
    memory = KNOWN,
  } = options;
  const { bandwidth = "80Mbps" } = options;
  const speed = bandwidth === null ? null : parseNetworkSpeed(bandwidth);
  const one: Budget = {
    ...budget(rule, limit, quantization),
    options: { ...DEFAULT_RUN_OPTIONS, speed },
  };
  return judgeModel(one, { model, memory, locked: null })[0];
}

function weighing(bytes: number): ModelReport {
  return { ...GEMMA_2B, sizes: GEMMA_2B.sizes.map((size) => ({ ...size, bytes })) };
}

/** Gemma 2B with what int4 weighs known to a tenth only. */
const PREDICTED: ModelReport = {
  ...GEMMA_2B,
  sizes: GEMMA_2B.sizes.map((size) => ({ ...size, basis: "predicted", errorBand: 0.1 })),
};

describe("one below, the limit itself, and one above", () => {
  test.each([
    ["maxMemory", "int4", GEMMA_2B_INT4_BYTES + CACHE + OVERHEAD],
    ["maxMemory", null, 5_012_363_872 + CACHE + OVERHEAD],
    ["maxDownloadTime", "int4", GEMMA_2B_INT4_BYTES / 10_000_000],
    ["maxDownloadTime", null, 5_012_363_872 / 10_000_000],
  ] as const)("%s at %s", (rule, quantization, actual) => {
    const outcomes = [actual + 1, actual, actual - 1].map((limit) => judge({ rule, quantization, limit }));
    expect(outcomes).toMatchObject([
      { actual, outcome: "passed", reason: null },
      { actual, outcome: "passed", reason: null },
      { actual, outcome: "exceeded", reason: null },
    ]);
  });
});

test("memory is a prediction, whatever its weights are; time is what the weights are", () => {
  expect(judge({})?.basis).toBe("predicted");
  expect(judge({ rule: "maxDownloadTime" })?.basis).toBe("computed");
});

test("the band of predicted weights is not that of the whole", () => {
  const total = GEMMA_2B_INT4_BYTES + CACHE + OVERHEAD;
  const band = GEMMA_2B_INT4_BYTES * 0.1;
  const outcome = (limit: number) => judge({ model: PREDICTED, limit: Math.round(limit) })?.outcome;
  expect([total - band - 9, total - band + 9, total + band - 9, total + band + 9].map(outcome)).toEqual([
    "exceeded",
    "unknown",
    "unknown",
    "passed",
  ]);
});

describe("what is not known never passes", () => {
  test.each<[string, Case, RegExp]>([
    ["an unknown cache", { memory: UNKNOWN }, /KV cache is not known: why/],
    [
      "an unknown cache beside weights in doubt",
      { memory: UNKNOWN, limit: 1, model: withNote(GEMMA_2B, "PACKING_UNKNOWN") },
      /PACKING_UNKNOWN/,
    ],
    ["an unknown cache beside weights at the limit", { memory: UNKNOWN, limit: GEMMA_2B_INT4_BYTES }, /why/],
    ["no plan", { memory: null }, /not planned/],
    ["a quantization that was not measured", { quantization: "gguf:Q4_K_M" }, /not sized at/],
    ["no files", { quantization: null, model: { ...GEMMA_2B, published: null } }, /files are not known/],
    ["a total beyond 2^53", { model: weighing(2 ** 53 - 1) }, /too large/],
    ["weights in doubt", { model: withNote(GEMMA_2B, "PACKING_UNKNOWN") }, /PACKING_UNKNOWN/],
    ["no bandwidth", { rule: "maxDownloadTime", bandwidth: null }, /no bandwidth/],
    ["a time of what is not sized", { rule: "maxDownloadTime", quantization: "mlx:4bit" }, /not sized at/],
  ])("%s", (_what, options, reason) => {
    expect(judge(options)).toMatchObject({ outcome: "unknown", reason: expect.stringMatching(reason) });
  });
});

test("weights alone over the limit exceed it, though the cache is not known", () => {
  expect(judge({ memory: UNKNOWN, limit: GEMMA_2B_INT4_BYTES - 1 })).toMatchObject({
    outcome: "exceeded",
    actual: GEMMA_2B_INT4_BYTES,
    reason: expect.stringMatching(/the weights alone exceed it; its KV cache is not known: why/),
  });
});

test("a verdict has the options that it depends on", () => {
  const nothing = {
    context: null,
    batch: null,
    kvDtype: null,
    layout: null,
    bitsPerSecond: null,
    recommendedBytes: null,
    draft: null,
    train: null,
    gpuMemoryUtilization: null,
  };
  expect(judge({})?.conditions).toEqual({ ...nothing, ...DEFAULT_MEMORY_OPTIONS, device: null });
  expect(judge({ rule: "maxDownloadTime" })?.conditions).toEqual({
    ...nothing,
    device: null,
    bitsPerSecond: 80_000_000,
  });
  expect(judge({ rule: "maxSize" })?.conditions).toBeNull();
});
