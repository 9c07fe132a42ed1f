import fc from "fast-check";
import { expect, test } from "vitest";
import { findDevice } from "../../src/budget/find-device.ts";
import { buildMachine } from "../../src/budget/find-machine.ts";
import { countBytes } from "../../src/memory/llama-cpp/place.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { planFit } from "../../src/memory/fit-plan.ts";
import { isResearch, rateQuality } from "../../src/memory/quality.ts";
import type { Device } from "../../src/memory/device.ts";
import { configOf } from "./known-caches.ts";

const GIB = 2 ** 30;

function deviceOf(limitBytes: number): Device {
  const limit = { bounds: "memory", limitBytes, recommendedBytes: limitBytes, limitName: "memory" } as const;
  return { id: "own", label: "own", kind: "own", ...limit, source: null, date: null, machine: null };
}

function plan(limit: number | Device, sizes: Readonly<Record<string, number>>, context = 4096) {
  const weights = Object.entries(sizes).map(([quantization, bytes]) => ({
    quantization,
    bytes,
    fetchBytes: null,
    largestBytes: Math.ceil(bytes / 33),
    bitsPerWeight: (8 * bytes) / 8e9,
    listTensors: () =>
      ["token_embd", ...Array.from({ length: 32 }, (_, layer) => `blk.${layer}.ffn_up`)].map((name) => ({
        name: `${name}.weight`,
        bytes: Math.ceil(bytes / 33),
      })),
  }));
  const config = configOf("meta-llama/Llama-3.1-8B-Instruct");
  const device = typeof limit === "number" ? deviceOf(limit) : limit;
  const options = { ...DEFAULT_MEMORY_OPTIONS, context, devices: [device], connections: [] };
  return planFit({ config, reason: null, weights }, options);
}

// Sizes of Llama 3.1 8B: bartowski/Meta-Llama-3.1-8B-Instruct-GGUF.
const LLAMA = {
  "gguf:F16": 16_068_891_392,
  "gguf:Q8_0": 8_540_771_072,
  "gguf:Q6_K": 6_596_006_656,
  "gguf:Q5_1": 6_069_000_000,
  "gguf:Q5_K_M": 5_732_987_648,
  "gguf:Q4_K_M": 4_920_734_464,
  "gguf:Q4_1": 5_130_000_000,
  "gguf:IQ3_XS": 3_520_000_000,
  "gguf:TQ2_0": 2_600_000_000,
};

test.each([
  [24, "gguf:F16", null, "gguf:Q8_0"],
  [10, "gguf:Q8_0", "gguf:F16", "gguf:Q6_K"],
  [6.9, "gguf:Q5_K_M", "gguf:Q6_K", "gguf:Q4_K_M"],
  [6, "gguf:Q4_K_M", "gguf:Q5_K_M", "gguf:IQ3_XS"],
  [4.6, "gguf:IQ3_XS", "gguf:Q4_K_M", null],
  [4, null, "gguf:IQ3_XS", null],
])("%d GiB: %s, next better %s, next safer %s", (gibibytes, quantization, better, safer) => {
  expect(plan(gibibytes * GIB, LLAMA).recommendations[0]).toMatchObject({
    quantization,
    better: better && { quantization: better },
    safer: safer && { quantization: safer },
  });
});

test("of equal sizes the better one is taken", () => {
  const sizes = { "gguf:MXFP4_MOE": 8e9, "gguf:Q8_0": 8e9, "gguf:F16": 16e9, "gguf:BF16": 16e9 };
  expect(plan(10 * GIB, sizes).recommendations[0]).toMatchObject({
    quantization: "gguf:Q8_0",
    better: { quantization: "gguf:BF16" },
    safer: null,
  });
});

test("what is recommended fits, and the next better does not", () => {
  const names = [
    ...Object.keys(LLAMA),
    "gguf:IQ1_S",
    "gguf:Q2_K",
    "fp16",
    "int8",
    "int4",
    "onnx:q4",
    "mlx:4bit",
  ];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 40_000_000_000 })),
      fc.integer({ min: 0, max: 60_000_000_000 }),
      fc.integer({ min: 1, max: 131_072 }),
      (sizes, limitBytes, context) => {
        const { recommendations, weights } = plan(limitBytes, sizes, context);
        const [answer] = recommendations;
        const totalOf = (name: string) =>
          weights.find(({ quantization }) => quantization === name)?.totalBytes ?? Number.NaN;
        const { quantization = null, better, safer, needsBytes, maxContext } = answer ?? {};
        if (better) expect(totalOf(better.quantization)).toBe(limitBytes + better.missingBytes);
        if (better) expect(better.missingBytes).toBeGreaterThan(0);
        if (quantization === null) {
          const allowed = Object.keys(sizes).filter((name) => !isResearch(name));
          for (const name of allowed) expect(totalOf(name)).toBeGreaterThan(limitBytes);
          return;
        }
        expect(isResearch(quantization)).toBe(false);
        expect(needsBytes).toBe(totalOf(quantization));
        expect(needsBytes).toBeLessThanOrEqual(limitBytes);
        // The same arithmetic at the context that it leaves, and one token more.
        const again = (tokens: number) =>
          plan(limitBytes, { [quantization]: sizes[quantization] ?? 0 }, tokens);
        const fits = (tokens: number) => again(tokens).recommendations[0]?.quantization === quantization;
        expect(maxContext).toBeGreaterThanOrEqual(context);
        expect(fits(maxContext ?? 0)).toBe(true);
        if ((maxContext ?? 0) < 131_072) expect(fits((maxContext ?? 0) + 1)).toBe(false);
        if (safer) expect(totalOf(safer.quantization)).toBeLessThan(totalOf(quantization));
        const rate = (name: string) => rateQuality(name, (8 * (sizes[name] ?? 0)) / 8e9);
        for (const name of Object.keys(sizes))
          if (!isResearch(name) && rate(name) > rate(quantization))
            expect(totalOf(name)).toBeGreaterThan(limitBytes);
      },
    ),
  );
});

test.each(["webgpu-binding", "firefox-storage", "wasm32", "rtx-4090"])("so it does on %s", (id) => {
  const device = findDevice(id, []);
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(LLAMA)), fc.integer({ min: 1, max: 40_000_000_000 })),
      (sizes) => {
        const { recommendations, weights } = plan(device, sizes);
        const needs = new Map(
          weights.map(({ quantization, bytes, largestBytes, totalBytes }) => [
            quantization,
            { memory: totalBytes, buffer: largestBytes, download: bytes }[device.bounds] ?? NaN,
          ]),
        );
        const { quantization = null, needsBytes, better } = recommendations[0] ?? {};
        if (better)
          expect(needs.get(better.quantization)).toBe(device.limitBytes + Math.max(1, better.missingBytes));
        if (quantization === null) return;
        expect(needsBytes).toBe(needs.get(quantization));
        expect(needsBytes).toBeLessThanOrEqual(device.limitBytes);
        for (const [name, bytes] of needs)
          if (!isResearch(name) && rateQuality(name, null) > rateQuality(quantization, null))
            expect(bytes).toBeGreaterThan(device.limitBytes);
      },
    ),
    { numRuns: 40 },
  );
});

test("what is recommended for a machine fits each of its parts, and the next better does not", () => {
  const gigabytes = fc.integer({ min: 1, max: 24 });
  fc.assert(
    fc.property(
      fc.array(gigabytes, { minLength: 1, maxLength: 3 }),
      fc.option(gigabytes),
      fc.integer({ min: 1, max: 131_072 }),
      (gpus, ram, context) => {
        const written = {
          gpus: gpus.map((size) => `${size}GB`).join(),
          ram: ram === null ? null : `${ram}GB`,
        };
        const device = buildMachine(written, []);
        const { recommendations, placements } = plan(device, LLAMA, context);
        const [answer] = recommendations;
        const find = (name: string) => placements.find(({ quantization }) => quantization === name);
        const isOver = (name: string) => {
          const { gpus: loads = [], ram: host } = find(name) ?? {};
          const limits = [...gpus, ...(ram === null ? [] : [ram])].map((size) => size * 1e9);
          return [...loads, ...(host && ram !== null ? [host] : [])].some(
            (load, part) => countBytes(load) > (limits[part] ?? 0),
          );
        };
        if (answer?.better) expect(isOver(answer.better.quantization)).toBe(true);
        if (answer?.better) expect(answer.better.missingBytes).toBeGreaterThan(0);
        if (!answer?.quantization) return;
        expect(isOver(answer.quantization)).toBe(false);
        expect(find(answer.quantization)?.outcome).toBe(answer.outcome);
        const [again] = plan(device, LLAMA, answer.maxContext ?? 1).recommendations;
        expect(rateQuality(again?.quantization ?? "", null)).toBeGreaterThanOrEqual(
          rateQuality(answer.quantization, null),
        );
      },
    ),
    { numRuns: 12 },
  );
});

test("llama.cpp's perplexities order types that are larger and worse", () => {
  const rate = (name: string) => rateQuality(`gguf:${name}`, null);
  expect(rate("Q5_K_S")).toBeGreaterThan(rate("Q5_1"));
  expect(rate("Q4_K_S")).toBeGreaterThan(rate("Q4_1"));
  expect(rate("Q3_K_M")).toBeGreaterThan(rate("Q3_K_S"));
  expect(rateQuality("mlx:4bit", 4.6)).toBe(4.6);
  // google/gemma-2b, whose embedding stays in 32 bits.
  expect(rateQuality("onnx:q4", 10.7)).toBeLessThan(rateQuality("onnx:q8", 8));
});

test.each(["fp32", "gguf:F32", "onnx:fp32", "litert:fp32"])(
  "%s takes twice the bytes of 16 bits, and is not better",
  (name) => {
    expect(rateQuality(name, 32)).toBeLessThan(rateQuality("fp16", 16));
    expect(rateQuality(name, 32)).toBeGreaterThan(rateQuality("gguf:Q8_0", 8.5));
  },
);
