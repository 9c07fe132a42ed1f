import { describe, expect, test } from "vitest";
import { countSummary } from "../../src/model/summary.ts";

const summarize = (byDtype: Record<string, number>) => ({
  total: Object.values(byDtype).reduce((sum, elements) => sum + elements, 0),
  byDtype,
});

describe("what the Hub's totals tell", () => {
  test.each([
    // what                              by dtype                                  file bytes       total
    ["google/gemma-2b", { BF16: 2_506_172_416 }, 5_012_367_923, 2_506_172_416],
    ["without a listing", { BF16: 2_506_172_416 }, null, 2_506_172_416],
    ["two dtypes", { F32: 1_000, F16: 9_000 }, 22_100, 10_000],
    ["positions are no parameters", { F32: 110_106_428, I64: 512 }, 440_449_768, 110_106_428],
    ["nor are masks", { F16: 405_334_016, BOOL: 67_108_864 }, 877_776_896, 405_334_016],
    ["FP8 weights", { F8_E4M3: 8_000_000_000, BF16: 30_000_000 }, 8_060_000_000, 8_030_000_000],
    ["a few integers are buffers", { F16: 1_000_000, U8: 1_000 }, 2_001_000, 1_000_000],
  ])("%s", (_what, byDtype, fileBytes, total) => {
    const { counts, notes } = countSummary(summarize(byDtype), fileBytes);
    const { total: stored } = summarize(byDtype);
    expect(counts).toMatchObject({ total, stored, active: null, embedding: null, byRole: null });
    expect(Object.values(counts.byDtype).reduce((sum, elements) => sum + elements, 0)).toBe(total);
    expect(notes).toEqual([]);
  });
});

describe("what is not to be trusted is no number", () => {
  test.each([
    ["a self-reported total, as of MOOSE-Star-R1D-7B", { BF16: 333_312 }, 15_231_271_864],
    [
      "openai/gpt-oss-20b: bytes that were unpacked",
      { BF16: 1_804_459_584, U8: 19_110_297_600 },
      13_761_300_984,
    ],
    [
      "GPTQ of before: words that hold eight weights each",
      { I32: 850_000_000, F16: 280_000_000 },
      3_960_000_000,
    ],
    ["the same without a listing", { I32: 850_000_000, F16: 280_000_000 }, null],
    ["bitsandbytes in four bits", { U8: 3_500_000_000, F16: 500_000_000 }, 4_500_000_000],
    ["MLX of after: logical counts", { U32: 7_000_000_000, BF16: 200_000_000 }, 4_100_000_000],
    ["a dtype that nobody knows", { X9: 1_000 }, 1_000],
    ["a dtype named as a method is", { constructor: 1_000 }, 1_000],
    ["files of no bytes", { F32: 10 }, 0],
    ["nothing in large files", {}, 1_000],
  ])("%s", (_what, byDtype, fileBytes) => {
    const { counts, notes } = countSummary(summarize(byDtype), fileBytes);
    expect(counts).toMatchObject({ total: null, active: null, byDtype: {}, byRole: null });
    expect(notes.map(({ code }) => code)).toEqual(["SUMMARY_DOUBTFUL"]);
  });

  test.each([
    [10_200_000, 5_000_000],
    [9_850_000, 5_000_000],
    [10_300_000, null],
    [9_700_000, null],
  ])("files of %i bytes for 5,000,000 weights of BF16", (fileBytes, total) => {
    expect(countSummary(summarize({ BF16: 5_000_000 }), fileBytes).counts.total).toBe(total);
  });
});
