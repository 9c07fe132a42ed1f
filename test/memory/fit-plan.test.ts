import { describe, expect, test } from "vitest";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { NO_LIMIT_TOKENS, type KvDtype } from "../../src/contract/terms.ts";
import type { Device } from "../../src/memory/device.ts";
import { DEVICES } from "../../src/memory/devices.ts";
import { parseNetworkSpeed } from "../../src/memory/download-time.ts";
import { planFit, type FitRequest } from "../../src/memory/fit-plan.ts";
import type { MemoryInput } from "../../src/memory/memory-plan.ts";
import type { JsonObject } from "../../src/format/config.ts";
import { configOf } from "./known-caches.ts";

const device = (id: string): Device => {
  const found = DEVICES.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`${id} is no device`);
  return found;
};

const input = (changes: Partial<MemoryInput> = {}): MemoryInput => ({
  config: configOf("google/gemma-2b-it"),
  reason: null,
  weights: [
    {
      quantization: "fp16",
      bytes: 5_012_344_832,
      fetchBytes: 5_029_844_832,
      largestBytes: 1_048_576_000,
      bitsPerWeight: 16,
    },
    {
      quantization: "int4",
      bytes: 1_409_830_912,
      fetchBytes: 1_427_330_912,
      largestBytes: 294_912_000,
      bitsPerWeight: 4.5,
    },
  ],
  ...changes,
});

const request = (changes: Partial<FitRequest> = {}): FitRequest => ({
  ...DEFAULT_MEMORY_OPTIONS,
  devices: [device("iphone-16"), device("webgpu-buffer"), device("firefox-storage")],
  connections: [],
  ...changes,
});

test("each device is held against what it bounds, each quantization on its own", () => {
  const { fits } = planFit(input(), request());
  expect(fits.map((fit) => `${fit.quantization} ${fit.device} ${fit.outcome} ${fit.maxContext}`)).toEqual([
    "fp16 iphone-16 tight 8192",
    "fp16 webgpu-buffer exceeds null",
    "fp16 firefox-storage fits null",
    "int4 iphone-16 fits 8192",
    "int4 webgpu-buffer exceeds null",
    "int4 firefox-storage fits null",
  ]);
});

test("the best quantization that fits, one per device, also where they are listed smallest first", () => {
  const weights = input().weights.toReversed();
  const overheadBytes = 512 * 4 * (256_000 + 2 * 2048 + 1);
  const kvCacheBytes = 4096 * 18_432;
  expect(planFit(input({ weights }), request()).recommendations).toEqual([
    {
      device: "iphone-16",
      quantization: "fp16",
      outcome: "tight",
      needsBytes: 5_012_344_832 + kvCacheBytes + overheadBytes,
      maxContext: 8192,
      better: null,
      safer: { quantization: "int4", outcome: "fits", maxContext: 8192 },
    },
    {
      device: "webgpu-buffer",
      quantization: null,
      outcome: "exceeds",
      needsBytes: null,
      maxContext: null,
      better: { quantization: "int4", missingBytes: 294_912_000 - 2 ** 28 },
      safer: null,
    },
    {
      device: "firefox-storage",
      quantization: "fp16",
      outcome: "fits",
      needsBytes: 5_012_344_832,
      maxContext: null,
      better: null,
      safer: { quantization: "int4", outcome: "fits", maxContext: null },
    },
  ]);
});

test("download time of the weights, and of all that is fetched", () => {
  const connection = parseNetworkSpeed("80Mbps");
  const { downloads, weights } = planFit(
    input({
      weights: [
        { quantization: "int4", bytes: 10_000_000, fetchBytes: null, largestBytes: null },
        ...input().weights,
      ],
    }),
    request({ connections: connection ? [connection] : [] }),
  );
  expect(downloads).toMatchObject([
    { connection: "80Mbps", quantization: "int4", weightsSeconds: 1, fetchSeconds: null },
    { quantization: "fp16", weightsSeconds: 501.2344832, fetchSeconds: 502.9844832 },
    { quantization: "int4", weightsSeconds: 140.9830912, fetchSeconds: 142.7330912 },
  ]);
  expect(weights[0]).toMatchObject({ downloadSeconds: 1, fetchBytes: null });
});

describe("what is not known is not planned", () => {
  test.each<[string, Partial<MemoryInput>, Partial<FitRequest>, RegExp]>([
    ["without a config", { config: null }, {}, /no config\.json/],
    ["for an adapter", { reason: "it is an adapter" }, {}, /adapter/],
    ["for a model type that is not known", { config: configOf({ model_type: "novel" }) }, {}, /novel/],
    ["beyond 2^53", {}, { context: 100_000_000, batch: 9_999, kvDtype: "fp32" }, /too large/],
  ])("%s", (_what, model, conditions, reason) => {
    const plan = planFit(input(model), request(conditions));
    expect(plan).toMatchObject({
      kvCacheBytes: null,
      kvCacheBytesPerToken: null,
      reason: expect.stringMatching(reason),
      recommendations: [
        { device: "iphone-16", quantization: null, outcome: "unknown" },
        { device: "webgpu-buffer", outcome: "exceeds" },
        { device: "firefox-storage", quantization: "fp16", outcome: "fits" },
      ],
    });
    for (const weights of plan.weights) expect(weights).toMatchObject({ totalBytes: null, maxContext: null });
  });

  test("nor is the memory of weights that are not", () => {
    const weights = [{ quantization: "awq:4bit-g128", bytes: null, fetchBytes: null, largestBytes: null }];
    const plan = planFit(input({ weights }), request());
    expect(plan.fits.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown", "unknown"]);
  });
});

test("more sequences and another dtype change the cache alone", () => {
  const bytes = (changes: Partial<FitRequest>) => planFit(input(), request(changes)).kvCacheBytes;
  const one = 4096 * 18_432;
  expect(bytes({})).toBe(one);
  expect(bytes({ batch: 3 })).toBe(3 * one);
  expect(bytes({ kvDtype: "fp8" })).toBe(one / 2);
  expect(bytes({ kvDtype: "q8_0" })).toBe((one / 64) * 34);
});

const row = (quantization: string, bytes: number) => ({
  quantization,
  bytes,
  fetchBytes: null,
  largestBytes: null,
});

test("the overhead of a row is its own, whatever stands beside it", () => {
  const plan = planFit(
    input({ config: configOf({ model_type: "llama" }), weights: [row("fp32", 4000), row("int4", 600)] }),
    request(),
  );
  expect(plan.weights.map(({ overheadBytes }) => overheadBytes)).toEqual([200, 30]);
  expect(plan.overheadBytes).toBe(200);
});

test("weights alone beyond the memory exceed it, though the cache is not known", () => {
  const plan = planFit(
    input({ config: null, weights: [row("fp32", 7_000_000_000), row("fp16", 5_000_000_000)] }),
    request(),
  );
  expect(plan.fits.filter((fit) => fit.device === "iphone-16").map(({ outcome }) => outcome)).toEqual([
    "exceeds",
    "unknown",
  ]);
});

test("what an unknown array takes of a buffer is unknown", () => {
  const plan = planFit(input({ weights: [row("onnx:q4", 1_000_000_000)] }), request());
  expect(plan.recommendations).toMatchObject([{}, { device: "webgpu-buffer", outcome: "unknown" }, {}]);
});

test.each<[string, JsonObject, number | null]>([
  [
    "google/vit-base-patch16-224 keeps no cache and names no length",
    { model_type: "vit", architectures: ["ViTForImageClassification"] },
    null,
  ],
  ["google-bert/bert-base-uncased names one", { model_type: "bert", max_position_embeddings: 512 }, 512],
  [
    "RWKV/rwkv-4-169m-pile reads on",
    { model_type: "rwkv", hidden_size: 768, num_hidden_layers: 12 },
    NO_LIMIT_TOKENS,
  ],
])("the longest context: %s", (_what, config, maxContext) => {
  expect(planFit(input({ config: configOf(config) }), request()).weights[1]).toMatchObject({
    maxContext,
  });
});

test("microsoft/phi-2's heads of 80 are in no blocks of 32", () => {
  const phi2 = { model_type: "phi", num_hidden_layers: 32, hidden_size: 2560, num_attention_heads: 32 };
  const plan = (kvDtype: KvDtype) => planFit(input({ config: configOf(phi2) }), request({ kvDtype }));
  expect(plan("q8_0")).toMatchObject({
    kvCacheBytes: null,
    reason: expect.stringMatching(/heads of 80 elements in q8_0/),
  });
  expect(plan("fp8")).toMatchObject({ kvCacheBytes: 4096 * 32 * 2 * 2560, reason: null });
});
