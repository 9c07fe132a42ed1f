import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Optimizer, TrainingMode } from "../../../src/contract/terms.ts";
import { groupBy } from "../../../src/format/group-by.ts";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { buildConfig } from "../../../src/format/config.ts";
import { planTraining } from "../../../src/memory/training/plan.ts";
import { DEFAULT_TRAINING } from "../../../src/memory/training/setup.ts";
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

function plan(row: Row) {
  const found = planTraining(readTrainedModel(row.model), {
    ...row,
    rank: row.rank ?? 0,
    dtype: row.dtype === "float32" ? "fp32" : "bf16",
  });
  if (isUnknown(found)) throw new Error(found.reason);
  return { ...found, error: found.peakBytes / row.peak - 1 };
}

test.each(ROWS)("$model $mode $optimizer $checkpointing $batch × $tokens in $dtype", (row) => {
  const { trainedParameters, error } = plan(row);
  if (row.trainable !== undefined) expect(trainedParameters).toBe(row.trainable);
  expect(Math.abs(error)).toBeLessThan(0.06);
});

const format = (share: number) => {
  const percent = Math.round(1000 * share) / 10;
  return `${percent < 0 ? "−" : ""}${Math.abs(percent).toFixed(1)} %`;
};
const formatGigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);

/** A line per run of the models that were measured first. */
function describeRun(row: Row): string {
  const { peakBytes, error } = plan(row);
  const { model, mode, optimizer, checkpointing, batch, tokens, dtype, peak } = row;
  const how = [mode, optimizer, dtype === "float32" ? "fp32" : "bf16"].join(", ");
  const size = `${batch} × ${tokens}${checkpointing ? ", checkpointing" : ""}`;
  return [model, how, size, formatGigabytes(peak), formatGigabytes(peakBytes), format(error)].join(" | ");
}

const FIRST = 36;
/** Measured after the rules were written, to try them. */
const HELD_OUT = 163;
/** The same, with a line per model. */
const TRIED = 203;

/** A line per model for the others. */
function describeModel([model, rows]: readonly [string, readonly Row[]]): string {
  const errors = rows.map((row) => plan(row).error);
  const modes = [...new Set(rows.map(({ mode }) => mode))].join(", ");
  return [model, modes, `${rows.length} runs`, format(Math.min(...errors)), format(Math.max(...errors))].join(
    " | ",
  );
}

test("docs/memory.md states the error of each run", () => {
  const page = readFileSync(new URL("../../../docs/memory.md", import.meta.url), "utf8").replaceAll(
    / +/g,
    " ",
  );
  const others = [...groupBy([...ROWS.slice(FIRST, HELD_OUT), ...ROWS.slice(TRIED)], ({ model }) => model)];
  const runs = [...ROWS.slice(0, FIRST), ...ROWS.slice(HELD_OUT, TRIED)];
  const lines = [...runs.map(describeRun), ...others.map(describeModel)];
  for (const line of lines) expect(page).toContain(`| ${line} |`);
});

test.each(["bloom", "mpt", "gpt_oss"])("the attention of %s is its own", (modelType) => {
  const { weights } = readTrainedModel("llama-160m");
  const config = buildConfig({ model_type: modelType });
  const found = planTraining(
    { config, weights },
    { ...DEFAULT_TRAINING, mode: "full", tokens: 512, batch: 1 },
  );
  expect(found).toMatchObject({ reason: expect.stringContaining("attention") });
});

test("AdamW of 8 bits keeps two bytes per parameter and needs no roots", () => {
  const model = readTrainedModel("llama-160m");
  const run = (optimizer: Optimizer) =>
    planTraining(model, { ...DEFAULT_TRAINING, optimizer, mode: "full", tokens: 512, batch: 1 });
  expect(run("adamw-8bit")).toMatchObject({ optimizerBytes: Math.ceil(162_417_408 * 2 * (1 + 4 / 256)) });
});
