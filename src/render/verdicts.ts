/** Verdicts as sentences and as a table: by how much a model is over its budget, or why that is unknown. */
import { OUTCOMES, type Outcome, type RuleName } from "../contract/terms.ts";
import type { Verdict } from "../contract/types.ts";
import type { Paint, UnitSystem } from "./options.ts";
import { UNKNOWN, leftColumn, renderMarkdown, rightColumn, tabulate, type Table } from "./table.ts";
import { formatPlace } from "./places.ts";
import { makePrintable } from "./text.ts";
import { formatBytes, formatCount, formatDuration, formatSpeed, groupDigits } from "./units.ts";

interface Wording {
  readonly unit: "bytes" | "parameters" | "percent" | "seconds";
  /** `gemma-2b` **has** `2.51B` **parameters**. */
  readonly verb: string;
  readonly noun?: string;
}

const WORDINGS = {
  maxSize: { unit: "bytes", verb: "is" },
  maxPublished: { unit: "bytes", verb: "is" },
  maxParams: { unit: "parameters", verb: "has", noun: " parameters" },
  maxActive: { unit: "parameters", verb: "has", noun: " active parameters" },
  maxClass: { unit: "parameters", verb: "is of class" },
  maxGrowth: { unit: "percent", verb: "grew by" },
  maxMemory: { unit: "bytes", verb: "needs" },
  maxDownloadTime: { unit: "seconds", verb: "downloads in" },
} as const satisfies Record<RuleName, Wording>;

const PREFIXES = {
  passed: "within budget:",
  exceeded: "over budget:",
  unknown: "unknown:",
} as const satisfies Record<Verdict["outcome"], string>;

interface VerdictOptions {
  readonly units: UnitSystem;
  /** Leave out limits that passed; the tally still counts them. */
  readonly hidePassed?: boolean | undefined;
}

/** Render one line per verdict, and a tally; empty without verdicts. */
export function renderVerdicts(
  verdicts: readonly Verdict[],
  { paint, ...options }: VerdictOptions & { readonly paint: Paint },
): string {
  if (verdicts.length === 0) return "";
  const { units } = options;
  const emphasis = { passed: paint.green, exceeded: paint.red, unknown: paint.yellow };
  const lines = listShown(verdicts, options).map(
    (verdict) =>
      `${emphasis[verdict.outcome](PREFIXES[verdict.outcome])} ${formatVerdict(verdict, units)}${formatPlaces(verdict)}`,
  );
  return [...lines, formatTally(verdicts)].join("\n");
}

/** @example formatPlaces(verdict) //=> " (src/worker.js:7 and 2 more)" */
function formatPlaces({ places: [first, ...others] }: Verdict): string {
  if (!first) return "";
  return makePrintable(` (${formatPlace(first)}${others.length > 0 ? ` and ${others.length} more` : ""})`);
}

function listShown(verdicts: readonly Verdict[], { hidePassed = false }: VerdictOptions): readonly Verdict[] {
  return hidePassed ? verdicts.filter(({ outcome }) => outcome !== "passed") : verdicts;
}

/** Marks that are seen at a glance in a pull request; the word follows. */
const MARKS = { passed: "✅", exceeded: "❌", unknown: "❓" } as const satisfies Record<Outcome, string>;

/** Render a tally and a table of verdicts, the worst first; empty without verdicts. */
export function renderVerdictsMarkdown(verdicts: readonly Verdict[], options: VerdictOptions): string {
  if (verdicts.length === 0) return "";
  const worst = (["exceeded", "unknown"] as const).find((outcome) =>
    verdicts.some((verdict) => verdict.outcome === outcome),
  );
  const title = `${MARKS[worst ?? "passed"]} **${formatTally(verdicts)}**`;
  const shown = listShown(verdicts, options);
  if (shown.length === 0) return title;
  const { heads, rows, bars } = buildVerdictTable(shown, options.units);
  const marked = rows.map(([word = "", ...cells]) => {
    const outcome = OUTCOMES.find((one) => one === word);
    return [outcome ? `${MARKS[outcome]} ${word}` : word, ...cells];
  });
  // "Over by" and "Why" are often empty.
  const filled = heads.map((_, column) => marked.some((row) => row[column] !== ""));
  const pick = <Cell>(cells: readonly Cell[]) => cells.filter((_, column) => filled[column]);
  return `${title}\n\n${renderMarkdown({ heads: pick(heads), rows: marked.map(pick), bars })}`;
}

/** Build a table of verdicts, the worst first. */
export function buildVerdictTable(verdicts: readonly Verdict[], units: UnitSystem): Table {
  const worstFirst = (["exceeded", "unknown", "passed"] as const).flatMap((outcome) =>
    verdicts.filter((verdict) => verdict.outcome === outcome),
  );
  return tabulate(worstFirst, [
    leftColumn("Verdict", ({ outcome }) => outcome),
    leftColumn("Model", ({ reference }) => reference),
    leftColumn("Rule", formatRule),
    rightColumn("Limit", (verdict) => formatFigures(verdict, units).limit),
    rightColumn("Actual", (verdict) => formatFigures(verdict, units).actual),
    rightColumn("Over by", (verdict) =>
      verdict.outcome === "exceeded" ? formatFigures(verdict, units).difference : "",
    ),
    ...(verdicts.some(({ places }) => places.length > 0)
      ? [leftColumn("Named in", ({ places }: Verdict) => places.map(formatPlace).join(", "))]
      : []),
    leftColumn("Why", ({ reason, why }) => [reason, why].filter((text) => text !== null).join("; ")),
  ]);
}

/** @example formatTally(verdicts) //=> "3 limits: 2 passed, 1 exceeded" */
export function formatTally(verdicts: readonly Verdict[]): string {
  const counts = OUTCOMES.map((outcome) => ({
    outcome,
    count: verdicts.filter((verdict) => verdict.outcome === outcome).length,
  })).filter(({ count }) => count > 0);
  const parts = counts.map(({ outcome, count }) => `${count} ${outcome}`);
  return `${verdicts.length} ${verdicts.length === 1 ? "limit" : "limits"}: ${parts.join(", ")}`;
}

/** @example formatRule(verdict) //=> "maxMemory at int4 at 8192 tokens" */
export function formatRule(verdict: Verdict): string {
  const { rule, quantization } = verdict;
  const at = quantization === null ? "" : ` at ${quantization}`;
  return `${rule}${at}${formatConditions(verdict)}`;
}

/** @example formatVerdict(verdict, "si") //=> "gemma-7b at int4 is 4.80 GB, 0.800 GB over the 4 GB limit" */
export function formatVerdict(verdict: Verdict, units: UnitSystem): string {
  const { why, outcome, reason, conditions } = verdict;
  const recommended = outcome === "passed" ? (conditions?.recommendedBytes ?? null) : null;
  const sentence = outcome === "unknown" ? formatUnknown(verdict, units) : formatKnown(verdict, units);
  // A pass has a reason where it is tight.
  const caveat =
    recommended === null ? `: ${reason}` : `, but above its recommended ${formatBytes(recommended, units)}`;
  const cause = reason === null ? "" : caveat;
  const after = why === null ? "" : ` (because ${why})`;
  return makePrintable(`${sentence}${cause}${after}`);
}

function formatUnknown(verdict: Verdict, units: UnitSystem): string {
  return `${formatSubject(verdict)} cannot be checked against ${verdict.rule} (${formatLimit(verdict, units)}${formatDevice(verdict)})`;
}

function formatKnown(verdict: Verdict, units: UnitSystem): string {
  const { rule, lockedBytes, outcome } = verdict;
  const { verb, noun = "" }: Wording = WORDINGS[rule];
  const { actual, limit, difference } = formatFigures(verdict, units);
  const from = lockedBytes === null ? "" : ` from ${formatBytes(lockedBytes, units)}`;
  const side = outcome === "exceeded" ? "over" : "within";
  const distance = rule === "maxClass" || outcome !== "exceeded" ? side : `${difference} ${side}`;
  const when = formatConditions(verdict);
  return `${formatSubject(verdict)} ${verb} ${actual}${noun}${when}${from}, ${distance} the ${limit} limit${formatDevice(verdict)}`;
}

/** @example formatConditions(verdict) //=> " at 8192 tokens in fp8" */
function formatConditions({ conditions }: Verdict): string {
  if (!conditions) return "";
  const { context, batch, kvDtype, layout, bitsPerSecond, draft, train } = conditions;
  const { gpuMemoryUtilization: share } = conditions;
  if (bitsPerSecond !== null) return ` at ${formatSpeed(bitsPerSecond)}`;
  if (context === null) return "";
  const times = batch === null || batch === 1 ? "" : ` × ${batch}`;
  const stored = kvDtype === null || kvDtype === "bf16" ? "" : ` in ${kvDtype}`;
  const whole = layout === "full" ? " kept in full" : "";
  if (train !== null) return ` to train at ${context} tokens${times} (${train})`;
  const drafted = draft === null ? "" : ` with ${draft} as draft`;
  const shared =
    share === null || share === 0.9 ? "" : ` on ${Number((100 * share).toPrecision(4))} % of each GPU`;
  return ` at ${context} tokens${times}${stored}${whole}${drafted}${shared}`;
}

function formatDevice({ conditions }: Verdict): string {
  return conditions?.device ? ` of ${conditions.device}` : "";
}

function formatSubject({ reference, rule, quantization }: Verdict): string {
  if (quantization !== null) return `${reference} at ${quantization}`;
  return AS_PUBLISHED.has(rule) ? `${reference} as published` : reference;
}

const AS_PUBLISHED = new Set<RuleName>(["maxSize", "maxPublished", "maxMemory", "maxDownloadTime"]);

/** Format the figures of a verdict, to the last digit where rounding would hide the difference. */
function formatFigures(
  verdict: Verdict,
  units: UnitSystem,
): { readonly actual: string; readonly limit: string; readonly difference: string } {
  const { actual, basis, limit } = verdict;
  if (actual === null) return { actual: UNKNOWN, limit: formatLimit(verdict, units), difference: UNKNOWN };
  const { unit }: Wording = WORDINGS[verdict.rule];
  const round = (value: number) => formatRounded(value, unit, units);
  const exact = (value: number) => formatExact(value, unit);
  const isHidden = actual !== limit && trimZeros(round(actual)) === trimZeros(round(limit));
  const format = isHidden ? exact : round;
  const sign = basis === "predicted" ? "~" : "";
  return {
    actual: `${sign}${format(actual)}`,
    limit: format(limit),
    difference: `${sign}${format(Math.abs(actual - limit))}`,
  };
}

/** 2.00B reads the same as 2B. */
function trimZeros(text: string): string {
  return text.replace(/\.0+(?!\d)/, "");
}

function formatLimit({ rule, limit }: Verdict, units: UnitSystem): string {
  return formatRounded(limit, WORDINGS[rule].unit, units);
}

function formatRounded(value: number, unit: Wording["unit"], units: UnitSystem): string {
  if (unit === "bytes") return formatBytes(value, units);
  if (unit === "parameters") return formatCount(value);
  if (unit === "seconds") return formatDuration(value);
  return `${Number(value.toPrecision(3))} ${UNIT_MARKS[unit]}`;
}

function formatExact(value: number, unit: Wording["unit"]): string {
  const mark = unit === "parameters" ? "" : ` ${UNIT_MARKS[unit]}`;
  // Seconds and percentages are quotients, whose last digits are noise.
  const exact = Number.isInteger(value) ? value : Number(value.toPrecision(12));
  return `${groupDigits(exact)}${mark}`;
}

const UNIT_MARKS = { bytes: "B", percent: "%", seconds: "s" } as const;
