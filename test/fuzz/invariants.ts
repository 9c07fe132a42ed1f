/** What is true of every answer, whatever was read. */
import { isDeepStrictEqual } from "node:util";
import { findUnsafeNumber } from "../../src/contract/safe-numbers.ts";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { reductionSchema } from "../../src/contract/reduction.ts";
import { reportSchema } from "../../src/contract/report.ts";
import type { Explanation, Failure, ModelReport, ReductionReport, Report } from "../../src/contract/types.ts";
import { renderExplanation } from "../../src/render/explanation.ts";
import { renderFit } from "../../src/render/fit.ts";
import { renderFailure, renderNotes } from "../../src/render/messages.ts";
import { FORMATS, PLAIN, type RenderOptions } from "../../src/render/options.ts";
import { renderReduction } from "../../src/render/reduction.ts";
import { renderReport } from "../../src/render/report.ts";
import { makeSafe } from "../../src/render/text.ts";

const OPTIONS: RenderOptions & { readonly all: boolean } = {
  all: true,
  width: 60,
  paint: PLAIN,
  units: "si",
  isTerminal: false,
};

function demand(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(sentence);
}

/** No text holds what a terminal or GitHub's runner obeys. JSON is one document, and the one that was rendered. */
function checkText(text: string): void {
  const bad = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.exec(text);
  demand(bad === null, `the text holds ${JSON.stringify(bad?.[0])}`);
  const printed = makeSafe(text);
  demand(!/^\s*::|##\[/m.test(printed), "the text holds a command of GitHub's runner");
}

function checkJson(document: unknown): void {
  const unsafe = findUnsafeNumber(document);
  demand(unsafe === null, `${unsafe} is not exact`);
}

/** Check a report: fits its schema, its numbers are exact and add up, and every format of it can be printed. */
export async function checkReport(report: Report): Promise<void> {
  reportSchema.strict().parse(report);
  checkJson(report);
  for (const failure of report.failures) checkFailure(failure);
  for (const model of report.models) checkModel(model);
  for (const format of FORMATS) {
    const text = await renderReport(report, format, OPTIONS);
    checkText(text);
    if (format === "json")
      demand(isDeepStrictEqual(JSON.parse(text), normalize(report)), "the JSON is another");
  }
  checkText(await renderFit(report, "text", OPTIONS));
  checkText(renderNotes(report.models, PLAIN).join("\n"));
  for (const failure of report.failures) checkText(renderFailure(failure, PLAIN));
}

/** JSON has one zero. */
function normalize(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function checkFailure({ code, message }: Failure): void {
  demand(code !== "BUG", `a bug: ${message}`);
}

function checkModel({ parameters, published }: ModelReport): void {
  const { total, byDtype, byRole } = parameters;
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  if (total !== null && byRole) demand(sum(byRole) === total, "the roles do not add up");
  if (total !== null) demand(sum(byDtype) === total, "the dtypes do not add up");
  if (!published || published.files.length === 0) return;
  const sumBytes = (files: readonly { readonly bytes: number }[]) =>
    files.reduce((a, { bytes }) => a + bytes, 0);
  demand(sumBytes(published.files) === published.bytes, "the files do not add up");
  for (const { bytes, files } of published.alternatives)
    demand(sumBytes(files) === bytes, "the files of an alternative do not add up");
}

export async function checkExplanation(explanation: Explanation): Promise<void> {
  explanationSchema.strict().parse(explanation);
  checkJson(explanation);
  for (const failure of explanation.failures) checkFailure(failure);
  for (const format of ["text", "markdown", "json"] as const)
    checkText(await renderExplanation(explanation, format, OPTIONS));
}

export async function checkReduction(reduction: ReductionReport): Promise<void> {
  reductionSchema.strict().parse(reduction);
  checkJson(reduction);
  for (const failure of reduction.failures) checkFailure(failure);
  for (const format of ["text", "markdown", "json"] as const)
    checkText(await renderReduction(reduction, format, OPTIONS));
}
