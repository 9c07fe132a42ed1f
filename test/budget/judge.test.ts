import { describe, expect, test } from "vitest";
import { parseBudgetConfig } from "../../src/budget/config.ts";
import { judgeModel, judgeReferences, type MeasuredReference } from "../../src/budget/judge.ts";
import { buildLock, lockModel } from "../../src/budget/lock.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import type { RuleName } from "../../src/contract/terms.ts";
import {
  budget,
  GEMMA_2B,
  GEMMA_2B_INT4_BYTES,
  GEMMA_2B_PARAMETERS,
  GEMMA_7B,
  MIXTRAL,
  QWEN,
  withNote,
} from "./subjects.ts";

describe("one below, the limit itself, and one above", () => {
  test.each([
    ["maxSize", "int4", GEMMA_2B, GEMMA_2B_INT4_BYTES],
    ["maxSize", "fp16", GEMMA_2B, 2 * GEMMA_2B_PARAMETERS],
    ["maxSize", null, GEMMA_2B, 5_012_363_872],
    ["maxPublished", "int4", GEMMA_2B, 5_012_363_872],
    ["maxParams", "int4", GEMMA_2B, GEMMA_2B_PARAMETERS],
    ["maxActive", null, MIXTRAL, 12_879_925_248],
    ["maxParams", null, MIXTRAL, 46_702_792_704],
    ["maxClass", null, GEMMA_2B, 2_000_000_000],
    ["maxClass", null, GEMMA_7B, 7_000_000_000],
    ["maxClass", null, QWEN, 500_000_000],
    ["maxClass", null, MIXTRAL, 46_702_792_704],
  ] as const)("%s at %s", (rule, quantization, model, actual) => {
    const outcomes = [actual + 1, actual, actual - 1].map((limit) => judge(rule, limit, model, quantization));
    expect(outcomes).toMatchObject([
      { actual, outcome: "passed", reason: null },
      { actual, outcome: "passed", reason: null },
      { actual, outcome: "exceeded", reason: null },
    ]);
  });
});

function judge(rule: RuleName, limit: number, model: ModelReport, quantization: string | null = null) {
  return judgeModel(budget(rule, limit, quantization), { model: model, memory: null, locked: null })[0];
}

describe("what is not known never passes", () => {
  const { parameters } = GEMMA_2B;
  test.each([
    ["a quantization that was not measured", "maxSize", "gguf:Q4_K_M", GEMMA_2B, /not sized at gguf:Q4_K_M/],
    ["no listing", "maxPublished", null, { ...GEMMA_2B, published: null }, /files are not known/],
    [
      "no count",
      "maxParams",
      null,
      { ...GEMMA_2B, parameters: { ...parameters, total: null } },
      /parameters are not known/,
    ],
    [
      "no routing",
      "maxActive",
      null,
      { ...GEMMA_2B, parameters: { ...parameters, active: null } },
      /active parameters are not known/,
    ],
    ["no class", "maxClass", null, { ...GEMMA_2B, sizeClass: null }, /size class is not known/],
    ["no lock", "maxGrowth", null, GEMMA_2B, /not in the lock file/],
  ] as const)("%s", (_, rule, quantization, model, reason) => {
    const verdict = judge(rule, Number.MAX_SAFE_INTEGER, model, quantization);
    expect(verdict).toMatchObject({
      actual: null,
      outcome: "unknown",
      reason: expect.stringMatching(reason),
    });
  });
});

describe("a note that leaves a figure in doubt", () => {
  const [LOW, HIGH] = [1, Number.MAX_SAFE_INTEGER];
  test.each([
    // rule               quantization  note                limit  outcome
    ["maxParams", null, "PACKING_UNKNOWN", HIGH, "unknown"],
    ["maxParams", null, "PACKING_UNKNOWN", LOW, "unknown"],
    ["maxSize", "int4", "PACKING_UNKNOWN", HIGH, "unknown"],
    ["maxClass", null, "PACKING_UNKNOWN", HIGH, "unknown"],
    ["maxActive", null, "PACKING_UNKNOWN", HIGH, "unknown"],
    ["maxPublished", null, "PACKING_UNKNOWN", HIGH, "passed"],
    ["maxSize", null, "PACKING_UNKNOWN", LOW, "exceeded"],
    ["maxParams", null, "SUMMARY_DOUBTFUL", HIGH, "unknown"],
    ["maxParams", null, "DTYPE_UNKNOWN", HIGH, "unknown"],
    ["maxParams", null, "HEAD_MAYBE_TIED", HIGH, "passed"],
    ["maxParams", null, "HEAD_MAYBE_TIED", LOW, "unknown"],
    ["maxSize", "int4", "HEAD_MAYBE_TIED", LOW, "unknown"],
    ["maxActive", null, "ACTIVE_UNKNOWN", HIGH, "unknown"],
    ["maxParams", null, "ACTIVE_UNKNOWN", LOW, "exceeded"],
    ["maxParams", null, "CATALOG_USED", LOW, "exceeded"],
  ] as const)("%s at %s with %s and a limit of %d: %s", (rule, quantization, code, limit, outcome) => {
    const verdict = judge(rule, limit, withNote(GEMMA_2B, code), quantization);
    expect(verdict).toMatchObject({
      outcome,
      reason: outcome === "unknown" ? `for the reason of ${code}` : null,
    });
  });
});

describe("a prediction", () => {
  const bytes = 1_000_000_000;
  const sizes = GEMMA_2B.sizes.slice(0, 1).map((fp32) => ({
    ...fp32,
    quantization: "onnx:q4",
    bytes,
    basis: "predicted" as const,
    errorBand: 0.01,
  }));
  const model = { ...GEMMA_2B, sizes };

  test.each([
    [1_010_000_000, "passed"],
    [1_009_999_999, "unknown"],
    [bytes, "unknown"],
    [990_000_000, "unknown"],
    [989_999_999, "exceeded"],
  ])("within ±1 %% of a limit of %d: %s", (limit, outcome) => {
    expect(judge("maxSize", limit, model, "onnx:q4")).toMatchObject({
      actual: bytes,
      basis: "predicted",
      outcome,
    });
  });

  test("says why", () => {
    expect(judge("maxSize", bytes, model, "onnx:q4")?.reason).toBe(
      "the limit is within the error of the prediction (±1 %)",
    );
  });

  test("a published file is no prediction, whatever the packing", () => {
    const published = {
      ...withNote(GEMMA_2B, "PACKING_UNKNOWN"),
      sizes: sizes.map((predicted) => ({ ...predicted, basis: "published" as const, errorBand: null })),
    };
    expect(judge("maxSize", bytes, published, "onnx:q4")).toMatchObject({
      outcome: "passed",
      basis: "published",
    });
  });
});

describe("growth", () => {
  const locked = { ...lockModel(GEMMA_2B), publishedBytes: 5_000_000_000, sizes: { int4: 1_000_000_000 } };

  test.each([
    [5_099_999_999, "passed"],
    [5_100_000_000, "passed"],
    [5_100_000_001, "exceeded"],
    [4_000_000_000, "passed"],
  ])("%d bytes after 5 GB, with 2 %% allowed: %s", (bytes, outcome) => {
    expect(
      judgeModel(budget("maxGrowth", 2), { model: weighing(bytes), memory: null, locked }),
    ).toMatchObject([{ outcome, lockedBytes: 5_000_000_000 }]);
  });

  test("7 % is 7, not 7.000000000000001", () => {
    expect(
      judgeModel(budget("maxGrowth", 7), { model: weighing(5_350_000_000), memory: null, locked }),
    ).toMatchObject([{ actual: 7, outcome: "passed" }]);
  });

  test("none allowed", () => {
    expect(
      judgeModel(budget("maxGrowth", 0), { model: weighing(5_000_000_000), memory: null, locked }),
    ).toMatchObject([{ actual: 0, outcome: "passed" }]);
    expect(
      judgeModel(budget("maxGrowth", 0), { model: weighing(5_000_000_001), memory: null, locked }),
    ).toMatchObject([{ outcome: "exceeded" }]);
  });

  test("of the weights alone, as the lock file has no projectors", () => {
    const same = weighing(5_000_000_000);
    const model = { ...same, published: same.published && { ...same.published, projectorBytes: 1_000_000 } };
    expect(judgeModel(budget("maxGrowth", 0), { model, memory: null, locked })).toMatchObject([
      { actual: 0, outcome: "passed" },
    ]);
  });

  test("at a quantization", () => {
    expect(
      judgeModel(budget("maxGrowth", 40, "int4"), { model: GEMMA_2B, memory: null, locked }),
    ).toMatchObject([
      { actual: 40.9830912, outcome: "exceeded", quantization: "int4", lockedBytes: 1_000_000_000 },
    ]);
  });

  test.each([
    ["fp16", locked, /size at fp16 is not in the lock file/],
    ["toString", locked, /size at toString is not in the lock file/],
    [null, { ...locked, publishedBytes: null }, /size as published is not in the lock file/],
    [null, { ...locked, publishedBytes: 0 }, /size as published was 0 when locked/],
  ])("from no locked size at %s is unknown", (quantization, entry, reason) => {
    expect(
      judgeModel(budget("maxGrowth", 9, quantization), { model: GEMMA_2B, memory: null, locked: entry }),
    ).toMatchObject([{ actual: null, outcome: "unknown", reason: expect.stringMatching(reason) }]);
  });
});

describe("a report", () => {
  const report = { models: [GEMMA_2B, GEMMA_7B] };
  const config = parseBudgetConfig(
    {
      defaults: { maxParams: "9B" },
      budgets: [
        { model: "google/gemma-2b", quantization: "int4", maxSize: "1.5GB", why: "phones" },
        { model: "google/gemma-2b", quantization: "fp16", maxSize: "5GB" },
        { model: "google/gemma-7b", maxClass: "2B" },
      ],
    },
    "config",
  );

  test("is judged in the order asked, a limit once", () => {
    const { verdicts, passed } = judgeReferences([GEMMA_7B, GEMMA_2B].map(measured), config, null);
    expect(
      verdicts.map(({ reference, rule, quantization, outcome }) => [reference, rule, quantization, outcome]),
    ).toEqual([
      ["google/gemma-7b", "maxParams", null, "passed"],
      ["google/gemma-7b", "maxClass", null, "exceeded"],
      ["google/gemma-2b", "maxSize", "int4", "passed"],
      ["google/gemma-2b", "maxParams", null, "passed"],
      ["google/gemma-2b", "maxSize", "fp16", "exceeded"],
    ]);
    expect(passed).toBe(false);
    expect(verdicts.map(({ why }) => why)).toEqual([null, null, "phones", null, null]);
  });

  test("passes when all do", () => {
    const lenient = parseBudgetConfig({ defaults: { maxParams: "9B" } }, "config");
    expect(judgeReferences([GEMMA_7B].map(measured), lenient, null).passed).toBe(true);
  });

  test("gates nothing where no budget applies", () => {
    const other = parseBudgetConfig({ budgets: [{ model: "a/b", maxClass: "2B" }] }, "config");
    expect(judgeReferences([GEMMA_7B].map(measured), other, null)).toEqual({ verdicts: [], passed: null });
  });

  test("a model that failed, or is not there, is unknown", () => {
    const failure = {
      reference: "google/gemma-2b",
      code: "MODEL_GATED",
      message: "google/gemma-2b is gated",
      hint: null,
      retryable: false,
    };
    const { verdicts, passed } = judgeReferences(
      [
        { reference: "google/gemma-2b", model: null, memory: null, failure, load: null },
        { reference: "google/gemma-7b", model: null, memory: null, failure: null, load: null },
      ],
      config,
      null,
    );
    expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(["unknown"]));
    expect(new Set(verdicts.map(({ reason }) => reason))).toEqual(
      new Set(["google/gemma-2b is gated", "it was not measured"]),
    );
    expect(passed).toBe(false);
  });

  test("growth is measured from the lock entry of the same reference", () => {
    const growth = parseBudgetConfig({ defaults: { maxGrowth: "0%" } }, "config");
    expect(judgeReferences([GEMMA_2B].map(measured), growth, buildLock(report)).passed).toBe(true);
    expect(judgeReferences([GEMMA_2B].map(measured), growth, buildLock({ models: [GEMMA_7B] })).passed).toBe(
      false,
    );
  });
});

function measured(model: ModelReport): MeasuredReference {
  return { reference: model.reference, model, memory: null, failure: null, load: null };
}

function weighing(bytes: number): ModelReport {
  return { ...GEMMA_2B, published: GEMMA_2B.published && { ...GEMMA_2B.published, bytes } };
}

describe("where publishers ship several sizes", () => {
  const [size] = GEMMA_2B.sizes;
  const variants = [
    { because: "output head stored again", bytes: 2_000 },
    { because: "llama.cpp before March 2024", bytes: 900 },
  ];
  const model = {
    ...GEMMA_2B,
    sizes: size ? [{ ...size, quantization: "gguf:Q2_K", bytes: 1_000, variants }] : [],
  };
  const judgeVariant = (limit: number, variant: string | null) => {
    const one = budget("maxSize", limit, "gguf:Q2_K");
    return judgeModel(
      { ...one, options: { ...one.options, variant } },
      { model, memory: null, locked: null },
    )[0];
  };

  test.each([
    [2_000, null, { outcome: "passed", actual: 2_000 }],
    [1_999, null, { outcome: "unknown", actual: 2_000, reason: expect.stringMatching(/stored again/) }],
    [999, null, { outcome: "exceeded", actual: 2_000 }],
    [1_000, "main", { outcome: "passed", actual: 1_000 }],
    [900, "before March", { outcome: "passed", actual: 900 }],
    [899, "before March", { outcome: "exceeded", actual: 900 }],
    [1_999, "no such words", { outcome: "unknown", actual: 2_000 }],
  ])("a limit of %i and the variant %j", (limit, variant, verdict) => {
    expect(judgeVariant(limit, variant)).toMatchObject(verdict);
  });
});

test("a projector counts, as programs load it with the model", () => {
  const [size] = GEMMA_2B.sizes;
  const sizes = size ? [{ ...size, quantization: "gguf:Q4_K_M", bytes: 1_000, projectorBytes: 300 }] : [];
  const judgeSize = (limit: number) => judge("maxSize", limit, { ...GEMMA_2B, sizes }, "gguf:Q4_K_M");
  expect(judgeSize(1_300)).toMatchObject({ outcome: "passed", actual: 1_300 });
  expect(judgeSize(1_299)).toMatchObject({ outcome: "exceeded", actual: 1_300 });
});

test.each(["maxSize", "maxPublished"] as const)("a published projector counts for %s", (rule) => {
  const published = GEMMA_2B.published && { ...GEMMA_2B.published, bytes: 1_000, projectorBytes: 300 };
  const judgeFiles = (limit: number) => judge(rule, limit, { ...GEMMA_2B, published });
  expect(judgeFiles(1_300)).toMatchObject({ outcome: "passed", actual: 1_300 });
  expect(judgeFiles(1_299)).toMatchObject({ outcome: "exceeded", actual: 1_300 });
});
