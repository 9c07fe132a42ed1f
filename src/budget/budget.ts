/** What may a model cost? The rules, and how each reads its figure from a report. */
import { estimateDownloadSeconds, type NetworkSpeed } from "../memory/download-time.ts";
import { addMemory, estimateOverheadBytes } from "../memory/memory.ts";
import type { MemoryOptions } from "../memory/memory-options.ts";
import type { MemoryPlan, MemoryInput } from "../memory/memory-plan.ts";
import type { ModelReport } from "../contract/report.ts";
import type { Verdict } from "../contract/verdicts.ts";
import type { RuleName } from "../contract/terms.ts";
import { computeGrowthPercent } from "./changes.ts";
import type { FigureSubject } from "./doubts.ts";
import { parseQuantity, type QuantityKind } from "../contract/quantities.ts";
import type { LockedModel } from "./lock.ts";

/** The limits of one model. */
export interface Budget extends LimitSet {
  /** The reference, as typed. */
  readonly model: string;
  readonly conditions: BudgetConditions;
}

/** Limits, as far as one place states them. */
export interface LimitSet {
  /** What downloads and memory are judged at; null for the files as published. */
  readonly quantization: string | null;
  readonly limits: readonly Limit[];
  readonly conditions: Partial<BudgetConditions>;
}

/** How a model runs, and how it is fetched. */
export interface BudgetConditions extends MemoryOptions {
  readonly connection: NetworkSpeed | null;
}

export interface Limit {
  readonly rule: RuleName;
  readonly limit: number;
  /** Why it is there. */
  readonly why: string | null;
  /** The device whose limit it is. */
  readonly device: string | null;
  /** Beyond it a figure passes tightly; null where nothing tells. */
  readonly comfortable: number | null;
}

/** A figure to be held against a limit. */
export interface Figure {
  readonly value: number | null;
  readonly basis: Verdict["basis"];
  readonly subject: FigureSubject;
  /** Why there is no value, where no note says it. */
  readonly absence: string;
  /** Half the width of a prediction's error band, relative. */
  readonly errorBand?: number;
  /** The bytes that growth is measured from. */
  readonly lockedBytes?: number;
  /** What it is at the least, where the value is not known. */
  readonly atLeast?: number;
}

interface Rule {
  readonly flag: `--max-${string}`;
  readonly kind: QuantityKind;
  /** Whether the figure depends on the quantization. */
  readonly quantized: boolean;
  readonly description: string;
  pickFigure(model: ModelReport, circumstances: Circumstances): Figure;
}

/** What a figure depends on beside the model. */
export interface Circumstances {
  readonly quantization: string | null;
  readonly locked: LockedModel | null;
  readonly connection: NetworkSpeed | null;
  /** The memory under the conditions of the budget; null where it was not planned. */
  readonly plan: PlannedMemory | null;
}

/** What tells what comes on top of the weights. */
export type PlannedMemory = Pick<MemoryPlan, "kvCacheBytes" | "reason"> & Pick<MemoryInput, "config">;

export const RULES = {
  maxSize: {
    flag: "--max-size",
    kind: "bytes",
    quantized: true,
    description: "download of the weights at the quantization, or as published where none is named",
    pickFigure: (model, { quantization }) => pickDownload(model, quantization),
  },
  maxPublished: {
    flag: "--max-published",
    kind: "bytes",
    quantized: false,
    description: "download of the weights as published",
    pickFigure: pickPublished,
  },
  maxParams: {
    flag: "--max-params",
    kind: "parameters",
    quantized: false,
    description: "parameters, of all experts",
    pickFigure: (model) => pickCount(model, "weights", model.parameters.total),
  },
  maxActive: {
    flag: "--max-active",
    kind: "parameters",
    quantized: false,
    description: "parameters that one token uses",
    pickFigure: (model) => pickCount(model, "active", model.parameters.active),
  },
  maxClass: {
    flag: "--max-class",
    kind: "class",
    quantized: false,
    description: "size class, by the number it names",
    pickFigure: pickClass,
  },
  maxGrowth: {
    flag: "--max-growth",
    kind: "percent",
    quantized: true,
    description: "growth of the download since the lock file was written",
    pickFigure: pickGrowth,
  },
  maxMemory: {
    flag: "--max-memory",
    kind: "bytes",
    quantized: true,
    description: "weights, cache at the context length, and an estimate of the rest",
    pickFigure: pickMemory,
  },
  maxDownloadTime: {
    flag: "--max-download-time",
    kind: "seconds",
    quantized: true,
    description: "how long the weights take at the bandwidth",
    pickFigure: pickDownloadTime,
  },
} as const satisfies Record<RuleName, Rule>;

function pickDownload(model: ModelReport, quantization: string | null): Figure {
  if (quantization === null) return pickPublished(model);
  const size = model.sizes.find((candidate) => candidate.quantization === quantization);
  if (!size) return absent(`it was not sized at ${quantization}`);
  return {
    value: size.bytes,
    basis: size.basis,
    subject: size.basis === "published" ? "files" : "weights",
    absence: size.reason ?? `its size at ${quantization} is not known`,
    errorBand: size.errorBand ?? 0,
  };
}

function pickPublished({ published }: ModelReport): Figure {
  if (!published) return absent("its files are not known");
  return { value: published.bytes, basis: published.basis, subject: "files", absence: "" };
}

function pickCount(model: ModelReport, subject: "weights" | "active", count: number | null): Figure {
  const basis = model.evidence === "headers" ? "computed" : "predicted";
  const absence =
    subject === "active" ? "its active parameters are not known" : "its parameters are not known";
  return { value: count, basis, subject, absence };
}

/** `2B` names its number; `8x7B` names more than there is (experts share attention), so the count stands for it. */
function pickClass(model: ModelReport): Figure {
  const { parameters, sizeClass } = model;
  if (!sizeClass) return absent("its size class is not known", "weights");
  const isMixture = sizeClass.label.includes("x");
  return pickCount(model, "weights", isMixture ? parameters.total : parseQuantity(sizeClass.label, "class"));
}

function pickGrowth(model: ModelReport, { quantization, locked }: Circumstances): Figure {
  if (!locked) return absent("it is not in the lock file");
  const now = pickDownload(model, quantization);
  const sizes = new Map(Object.entries(locked.sizes));
  const before = quantization === null ? locked.publishedBytes : (sizes.get(quantization) ?? null);
  const at = quantization === null ? "as published" : `at ${quantization}`;
  if (before === null) return absent(`the lock file has no size for it ${at}`);
  if (now.value === null) return now;
  const value = computeGrowthPercent(before, now.value);
  // Predicted twice, an error of prediction is in both.
  return { ...now, value, absence: `it was empty ${at} when locked`, lockedBytes: before, errorBand: 0 };
}

/** Nothing passes whose cache is not known. */
function pickMemory(model: ModelReport, { quantization, plan }: Circumstances): Figure {
  const weights = pickDownload(model, quantization);
  if (weights.value === null) return weights;
  if (!plan) return absent("its memory was not planned");
  if (plan.kvCacheBytes === null) {
    const absence = `its cache is not known: ${plan.reason ?? "unknown"}`;
    return { ...weights, value: null, absence, atLeast: weights.value };
  }
  const overheadBytes = estimateOverheadBytes(plan.config, weights.value);
  const value = addMemory(weights.value, plan.kvCacheBytes, overheadBytes);
  if (value === null) return absent("its memory is too large to be counted exactly");
  // Only the weights have a band; the rest is what it is by definition.
  const errorBand = ((weights.errorBand ?? 0) * weights.value) / value;
  return { ...weights, value, basis: "predicted", errorBand };
}

function pickDownloadTime(model: ModelReport, { quantization, connection }: Circumstances): Figure {
  const weights = pickDownload(model, quantization);
  if (weights.value === null) return weights;
  if (!connection) return absent("no bandwidth was given");
  return { ...weights, value: estimateDownloadSeconds(weights.value, connection.bitsPerSecond) };
}

function absent(absence: string, subject: FigureSubject = "files"): Figure {
  return { value: null, basis: null, subject, absence };
}
