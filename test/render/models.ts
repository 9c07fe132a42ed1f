import type { ModelReport, Report, Size } from "../../src/contract/types.ts";

/** The size of a model at one quantization; unknown where no bytes are given. */
export function size(quantization: string, bytes: number | null, basis: Size["basis"] = "computed"): Size {
  return {
    quantization,
    bytes,
    bitsPerWeight: bytes === null ? null : 16,
    basis: bytes === null ? null : basis,
    errorBand: basis === "predicted" ? 0.005 : null,
    variants: [],
    projectorBytes: null,
    companionBytes: null,
    assumptions: [],
    reason: bytes === null ? "nobody knows" : null,
  };
}

export const GEMMA_2B: ModelReport = {
  reference: "gemma-2b",
  id: "google/gemma-2b",
  revision: null,
  source: "catalog",
  evidence: "headers",
  architecture: "GemmaForCausalLM",
  modelType: "gemma",
  adapter: null,
  parameters: {
    total: 2_506_172_416,
    active: 2_506_172_416,
    activeNonEmbedding: 2_506_172_416,
    embedding: 524_288_000,
    stored: 2_506_172_416,
    byDtype: { BF16: 2_506_172_416 },
    byRole: null,
  },
  sizeClass: { label: "2B", basis: "name" },
  published: {
    format: "safetensors",
    bytes: 5_012_363_872,
    basis: "published",
    files: [],
    projectorBytes: null,
    bitsPerWeight: 16,
    repositoryBytes: null,
    alternatives: [],
    otherFiles: [],
    doubt: null,
  },
  sizes: [
    size("fp32", 10_024_689_664),
    size("fp16", 5_012_344_832),
    size("int8", 2_508_179_456),
    size("int4", 1_409_830_912),
  ],
  companions: null,
  memory: null,
  notes: [],
};

/** Gemma 2B but for what is given. */
export function model(changes: Partial<ModelReport>): ModelReport {
  return { ...GEMMA_2B, ...changes };
}

export const MIXTRAL: ModelReport = model({
  reference: "mixtral",
  id: "mistralai/Mixtral-8x7B-v0.1",
  parameters: { ...GEMMA_2B.parameters, total: 46_702_792_704, active: 12_879_925_248 },
  sizeClass: { label: "8x7B", basis: "name" },
  published: null,
  sizes: [
    size("fp32", 186_811_170_816),
    size("fp16", 93_405_585_408),
    size("int8", 46_721_417_216),
    size("int4", 26_271_223_808),
  ],
});

export const DISTILBERT: ModelReport = model({
  reference: "distilbert",
  id: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
  parameters: { ...GEMMA_2B.parameters, total: 66_955_010, active: 66_955_010 },
  sizeClass: { label: "66M", basis: "count" },
  sizes: [
    size("fp32", 267_820_040),
    size("fp16", 133_910_020),
    size("int8", 67_195_148),
    size("int4", 37_771_300),
  ],
});

/** Of which a gate shows only the Hub's totals, and not even all of these. */
export const GATED: ModelReport = model({
  reference: "acme/secret",
  id: "acme/secret",
  evidence: "summary",
  parameters: { ...GEMMA_2B.parameters, active: null },
  sizes: [
    size("fp32", 10_024_689_664, "predicted"),
    size("fp16", 5_012_344_832, "predicted"),
    size("int8", 2_506_172_416, "predicted"),
    size("int4", null),
  ],
});

export function report(...models: readonly ModelReport[]): Report {
  return {
    schemaVersion: 1,
    generator: { name: "llm-size", version: "0.0.0" },
    models: [...models],
    failures: [],
    verdicts: [],
    passed: null,
    changes: [],
    code: null,
  };
}
