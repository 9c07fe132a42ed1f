/** The rules of a budget, and how each computes its metric from a measured model. */
import { parseQuantity, type QuantityKind } from "../contract/quantities.ts";
import type { ModelReport, Size } from "../contract/types.ts";
import type { RuleName } from "../contract/terms.ts";
import { estimateDownloadSeconds } from "../memory/download-time.ts";
import { computeGrowthPercent } from "./changes.ts";
import { computeMemoryMetric } from "./memory-metric.ts";
import {
  absent,
  mapLargest,
  withoutBound,
  type LargestValue,
  type Metric,
  type RuleContext,
} from "./metric.ts";

interface Rule {
  readonly kind: QuantityKind;
  /** Whether the metric depends on the quantization. */
  readonly quantized: boolean;
  /** For the schema of the config file. */
  readonly description: string;
  computeMetric(context: RuleContext): Metric;
}

export const RULES = {
  maxSize: {
    kind: "bytes",
    quantized: true,
    description: "download of the weights at the quantization, or as published without one",
    computeMetric: computeDownload,
  },
  maxPublished: {
    kind: "bytes",
    quantized: false,
    description: "download of the weights as published",
    computeMetric: computePublished,
  },
  maxParams: {
    kind: "parameters",
    quantized: false,
    description: "parameters, including all experts",
    computeMetric: ({ model }) => countParameters(model, "weights", model.parameters.total),
  },
  maxActive: {
    kind: "parameters",
    quantized: false,
    description: "parameters that one token uses",
    computeMetric: ({ model }) => countParameters(model, "active", model.parameters.active),
  },
  maxClass: {
    kind: "class",
    quantized: false,
    description: "size class, by its number",
    computeMetric: computeClass,
  },
  maxGrowth: {
    kind: "percent",
    quantized: true,
    description: "growth of the download since the lock file was written",
    computeMetric: computeGrowth,
  },
  maxMemory: {
    kind: "bytes",
    quantized: true,
    description: "memory: weights, KV cache at the context length, and an estimate of the overhead",
    computeMetric: computeMemory,
  },
  maxDownloadTime: {
    kind: "seconds",
    quantized: true,
    description: "download time of the weights at the bandwidth",
    computeMetric: computeDownloadTime,
  },
} as const satisfies Record<RuleName, Rule>;

/**
 * The Hub's total counts a tied head that is stored again, and masks: over 140 real models it is up to 25.1 % above the
 * parameters (Qwen/Qwen1.5-0.5B-Chat), and never below them.
 */
const SUMMARY_ABOVE = 0.252;

function findErrorBelow({ evidence }: ModelReport): { errorBelow?: number } {
  return evidence === "summary" ? { errorBelow: SUMMARY_ABOVE } : {};
}

function computeDownload(context: RuleContext): Metric {
  const { model, quantization, options } = context;
  if (quantization === null) return computePublished(context);
  const size = model.sizes.find((candidate) => candidate.quantization === quantization);
  if (!size) return absent(`it was not sized at ${quantization}`);
  const chosen = chooseVariant(size, options.variant);
  return {
    value: chosen.bytes,
    largest: chosen.largest,
    reason: size.reason ?? `its size at ${quantization} is not known`,
    basis: size.basis,
    scope: size.basis === "published" ? "files" : "weights",
    filesDoubt: withoutBound(model.published?.doubt ?? null),
    errorBand: size.errorBand ?? 0,
    ...(size.basis === "predicted" && findErrorBelow(model)),
  };
}

/** Choose the size to judge, with its projector: the main prediction and the largest of its variants, or the one that the user named. */
function chooseVariant(
  { bytes: ownBytes, projectorBytes, variants }: Size,
  words: string | null,
): { bytes: number | null; largest: LargestValue | null } {
  const projector = projectorBytes ?? 0;
  const named = variants.find(
    ({ because }) => words !== null && because.toLowerCase().includes(words.toLowerCase()),
  );
  if (named) return { bytes: named.bytes + projector, largest: null };
  const bytes = ownBytes === null ? null : ownBytes + projector;
  if (words === "main" || bytes === null) return { bytes, largest: null };
  const largest = variants.toSorted((a, b) => b.bytes - a.bytes)[0];
  const value = (largest?.bytes ?? 0) + projector;
  return { bytes, largest: largest && value > bytes ? { value, because: largest.because } : null };
}

/** Return the download as published, with the projector that programs load with a GGUF model. */
function computePublished({ model: { published } }: RuleContext): Metric {
  if (!published) return absent("its files are not known");
  const { bytes, projectorBytes, basis, doubt } = published;
  return { value: bytes + (projectorBytes ?? 0), reason: "", basis, scope: "files", filesDoubt: doubt };
}

/** Leave the projectors out: the lock file has the bytes of the weights. */
function withoutProjectors({ published, sizes, ...model }: ModelReport): ModelReport {
  return {
    ...model,
    published: published && { ...published, projectorBytes: null },
    sizes: sizes.map((size) => ({ ...size, projectorBytes: null })),
  };
}

function countParameters(model: ModelReport, scope: "weights" | "active", value: number | null): Metric {
  const basis = model.evidence === "headers" ? "computed" : "predicted";
  const reason = `its ${scope === "active" ? "active " : ""}parameters are not known`;
  return { value, reason, basis, scope, ...findErrorBelow(model) };
}

/** 8x7B names more parameters than there are, as experts share attention, so the count is taken instead. */
function computeClass({ model }: RuleContext): Metric {
  const { parameters, sizeClass } = model;
  if (!sizeClass) return absent("its size class is not known", "weights");
  const isMixture = sizeClass.label.includes("x");
  const value = isMixture ? parameters.total : parseQuantity(sizeClass.label, "class");
  const counted = countParameters(model, "weights", value);
  // A class that the name states does not depend on the count.
  return sizeClass.basis === "name" && !isMixture ? { ...counted, errorBelow: 0 } : counted;
}

function computeGrowth(context: RuleContext): Metric {
  const { quantization, locked } = context;
  if (!locked) return absent("it is not in the lock file");
  const sizes = new Map(Object.entries(locked.sizes));
  const lockedBytes = quantization === null ? locked.publishedBytes : (sizes.get(quantization) ?? null);
  const at = quantization === null ? "as published" : `at ${quantization}`;
  if (lockedBytes === null) return absent(`its size ${at} is not in the lock file`);
  const now = computeDownload({ ...context, model: withoutProjectors(context.model) });
  if (now.value === null) return now;
  const value = computeGrowthPercent(lockedBytes, now.value);
  // A prediction has the same error before and after.
  const filesDoubt = withoutBound(now.filesDoubt);
  const reason = `its size ${at} was 0 when locked`;
  return { ...now, value, largest: null, reason, lockedBytes, errorBand: 0, errorBelow: 0, filesDoubt };
}

function computeMemory(context: RuleContext): Metric {
  const weights = computeDownload(context);
  return weights.value === null
    ? weights
    : computeMemoryMetric(context, { ...weights, value: weights.value });
}

function computeDownloadTime(context: RuleContext): Metric {
  const { speed } = context.options;
  const weights = computeDownload(context);
  if (weights.value === null) return weights;
  if (!speed) return absent("no bandwidth was given");
  const toSeconds = (bytes: number) => estimateDownloadSeconds(bytes, speed.bitsPerSecond);
  const filesDoubt = withoutBound(weights.filesDoubt);
  return { ...weights, value: toSeconds(weights.value), largest: mapLargest(weights, toSeconds), filesDoubt };
}
