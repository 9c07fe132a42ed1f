/** Closed sets of words that documents, flags and rooms share. Each array is type, validation and help in one. */

/** How sure a size is: the sum of real file sizes, exact arithmetic on real headers, or what a tool would write. */
export const BASES = ["published", "computed", "predicted"] as const;
export type Basis = (typeof BASES)[number];

/** Where the files of a model come from. */
export const SOURCES = ["hub", "cache", "catalog", "local", "ollama"] as const;
export type SourceName = (typeof SOURCES)[number];

/**
 * The source of a model's parameters: the headers of its weight files, the Hub's totals, the base model that its card
 * names; or the sizes of its files alone.
 */
export const EVIDENCE = ["headers", "summary", "base", "files"] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** The purpose of a tensor. */
export const ROLES = [
  "embedding",
  "attention",
  "mlp",
  "experts",
  "router",
  "norm",
  "head",
  "vision",
  "audio",
  "adapter",
  "mtp",
  "other",
] as const;
export type Role = (typeof ROLES)[number];

/** Uses of a file of a repository for the model that is measured. */
export const FILE_USES = ["checkpoint", "alternative", "support", "other-model", "unexplained"] as const;
export type FileUse = (typeof FILE_USES)[number];

/** Why the bytes of a package may not be the model's. A figure with a doubt never passes a gate. */
export const PACKAGE_DOUBTS = [
  "SEVERAL_MODELS",
  "FILES_UNEXPLAINED",
  "COMPONENT_MISSING",
  "NO_MANIFEST",
  "PARTS_DIFFER",
  "DATA_MISSING",
  "LISTING_CUT",
] as const;
export type PackageDoubtCode = (typeof PACKAGE_DOUBTS)[number];

/** The limits that a budget can set. */
export const RULE_NAMES = [
  "maxSize",
  "maxPublished",
  "maxParams",
  "maxActive",
  "maxClass",
  "maxGrowth",
  "maxMemory",
  "maxDownloadTime",
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** How a model compares with one limit. */
export const OUTCOMES = ["passed", "exceeded", "unknown"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How the KV cache is stored. The last six are llama.cpp's `--cache-type-k` and `--cache-type-v`. */
export const KV_DTYPES = [
  "bf16",
  "fp16",
  "fp32",
  "fp8",
  "q8_0",
  "q5_1",
  "q5_0",
  "q4_1",
  "q4_0",
  "iq4_nl",
] as const;
export type KvDtype = (typeof KV_DTYPES)[number];

/** `optimized` caps windows and keeps latents compressed; `full` keeps every token in every layer, and all heads. */
export const KV_LAYOUTS = ["optimized", "full"] as const;
export type KvLayout = (typeof KV_LAYOUTS)[number];

/** The limits of a device: all memory in use, the largest single tensor, or the bytes that are kept on the device. */
export const BOUNDS = ["memory", "buffer", "download"] as const;
export type Bound = (typeof BOUNDS)[number];

/** `machine`: GPUs and perhaps RAM that a model is split over; `own`: a device that the user describes. */
export const DEVICE_KINDS = ["phone", "laptop", "gpu", "machine", "browser", "own"] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** The weights that are trained: all, adapters, or adapters of weights in 4 bits. */
export const TRAINING_MODES = ["full", "lora", "qlora"] as const;
export type TrainingMode = (typeof TRAINING_MODES)[number];

/** The dtype of a training run. */
export const TRAINING_DTYPES = ["bf16", "fp32"] as const;
export type TrainingDtype = (typeof TRAINING_DTYPES)[number];

/** Larger ranks of adapters than anybody trains. */
export const MAX_RANK = 4096;

export const OPTIMIZERS = ["adamw", "adamw-8bit", "adafactor", "sgd"] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

/** The engines that a model is split over GPUs for. */
export const ENGINES = ["llama.cpp", "vllm"] as const;
export type Engine = (typeof ENGINES)[number];

/** `tight`: above what is recommended for the device, but within its limit. */
export const FIT_OUTCOMES = ["fits", "tight", "exceeds", "unknown"] as const;
export type FitOutcome = (typeof FIT_OUTCOMES)[number];

/** Ways to shrink a model. */
export const TECHNIQUES = ["quantization", "lora", "pruning", "distillation", "sharing"] as const;
export type Technique = (typeof TECHNIQUES)[number];

/** Where a model that code names comes from; `web` is the address of a file. */
export const REGISTRIES = ["hub", "ollama", "docker", "web"] as const;
export type Registry = (typeof REGISTRIES)[number];

/** How sure it is that code loads a model by a name that it holds. */
export const CONFIDENCES = ["sure", "doubtful"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** The parts of a model that code loads: its weights, or only its tokenizer and config. */
export const LOADED_PARTS = ["weights", "tokenizer"] as const;
export type LoadedPart = (typeof LOADED_PARTS)[number];

/** Longer contexts than any model's; more would leave the safe integers. */
export const MAX_CONTEXT_TOKENS = 100_000_000;

/** Stands for no limit where a config states none: RWKV and Mamba read on. More than any model was trained for. */
export const NO_LIMIT_TOKENS = 2 ** 30;

/** Sequences at once: more than any engine takes. */
export const MAX_BATCH = 9_999;

/** Longer than the path or address of any model. */
export const MAX_REFERENCE_CHARACTERS = 4096;
