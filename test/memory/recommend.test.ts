import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { planMemory } from "../../src/memory/memory-plan.ts";
import { isResearch, rateQuality } from "../../src/memory/quality.ts";
import type { Device } from "../../src/memory/device.ts";
import { configOf } from "./known-caches.ts";

const GIB = 2 ** 30;

function deviceOf(limitBytes: number): Device {
  const limit = { bounds: "memory", limitBytes, recommendedBytes: limitBytes, limitName: "memory" } as const;
  return { id: "own", label: "own", kind: "own", ...limit, source: null, date: null };
}

function plan(limitBytes: number, sizes: Readonly<Record<string, number>>, context = 4096) {
  const weights = Object.entries(sizes).map(([quantization, bytes]) => ({
    quantization,
    bytes,
    fetchBytes: null,
    largestBytes: null,
    bitsPerWeight: (8 * bytes) / 8e9,
  }));
  const config = configOf("meta-llama/Llama-3.1-8B-Instruct");
  const options = { ...DEFAULT_MEMORY_OPTIONS, context, devices: [deviceOf(limitBytes)], connections: [] };
  return planMemory({ config, reason: null, weights }, options);
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
      },
    ),
  );
});

test("llama.cpp's perplexities order types that are larger and worse", () => {
  const rate = (name: string) => rateQuality(`gguf:${name}`, null);
  expect(rate("Q5_K_S")).toBeGreaterThan(rate("Q5_1"));
  expect(rate("Q4_K_S")).toBeGreaterThan(rate("Q4_1"));
  expect(rate("Q3_K_M")).toBeGreaterThan(rate("Q3_K_S"));
  expect(rateQuality("onnx:q4", 4.6)).toBe(4.6);
});
