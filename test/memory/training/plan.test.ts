import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Optimizer, TrainingMode } from "../../../src/contract/terms.ts";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { planTraining } from "../../../src/memory/training/plan.ts";
import { readTrainedModel } from "./models.ts";

interface Row {
  readonly model: string;
  readonly mode: TrainingMode;
  readonly optimizer: Optimizer;
  readonly checkpointing: boolean;
  readonly batch: number;
  readonly tokens: number;
  readonly dtype: "bfloat16" | "float32";
  readonly rank?: number;
  readonly trainable?: number;
  readonly peak: number;
}

const ROWS = readFileSync(new URL("../../../fixtures/training/peaks.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

test.each(ROWS)("$model $mode $optimizer $checkpointing $batch × $tokens in $dtype", (row) => {
  const plan = planTraining(readTrainedModel(row.model), {
    ...row,
    rank: row.rank ?? 0,
    dtype: row.dtype === "float32" ? "fp32" : "bf16",
  });
  if (isUnknown(plan)) throw new Error(plan.reason);
  if (row.trainable !== undefined) expect(plan.trainedParameters).toBe(row.trainable);
  expect(Math.abs(plan.peakBytes / row.peak - 1)).toBeLessThan(0.06);
});
