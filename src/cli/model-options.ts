/** Options for how a model is stored and how it runs. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { DEFAULT_MEMORY_OPTIONS, type MemoryOptions } from "../memory/memory-options.ts";
import {
  KV_DTYPES,
  KV_LAYOUTS,
  MAX_BATCH,
  MAX_RANK,
  OPTIMIZERS,
  TRAINING_MODES,
  type Optimizer,
  type TrainingMode,
} from "../contract/terms.ts";
import { LlmSizeError } from "../errors.ts";
import { DEFAULT_TRAINING, type TrainingSetup } from "../memory/training/setup.ts";
import { readNamedQuantization } from "../format/packages/named-quantization.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import { uniqueQuantizations, type Quantization } from "../quant/quantization.ts";
import { RUNTIME_NAMES, type Runtime } from "../quant/runtimes.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import type { InvalidReference, Reference } from "../source/reference.ts";
import { parseNames, parseQuantityOption, parseWhole } from "./options.ts";

export interface QuantizationOptions extends Pick<SchemeOptions, "imatrix" | "separateHead" | "headBits"> {
  readonly quant?: readonly string[];
  readonly for?: Runtime;
}

export type MemoryFlags = Partial<MemoryOptions>;

export function addQuantizationOptions(command: Command): Command {
  return command
    .optionsGroup("Sizes:")
    .option("--quant <names>", "sizes to show: fp32, fp16, int8, int4, Q4_K_M, onnx:q4f16 …", parseNames)
    .addOption(new Option("--for <runtime>", "all sizes of one ecosystem").choices(RUNTIME_NAMES))
    .option("--imatrix", "GGUF made with an importance matrix")
    .option("--no-imatrix", "GGUF made without one")
    .option("--separate-head", "store a tied output head as its own tensor")
    .option("--head-bits <bits>", "bits per weight of head and embedding", parseBits);
}

function parseBits(value: string): number {
  if (!/^(?:[2-8]|16|32)$/.test(value)) throw new InvalidArgumentError("It is one of 2 to 8, 16 and 32.");
  return Number(value);
}

/**
 * Parse --quant and --for into quantizations, in that order, each once. Without both, the levels and what references name:
 * `org/name:Q4_K_M`, the file of an address; those alone where every reference names one. On a machine of several GPUs,
 * what its engines load: 16 bits, and GGUF. The rules of all schemes are loaded only where one is named. Throws USAGE.
 */
export async function parseQuantizations(
  options: QuantizationOptions,
  references: readonly (Reference | InvalidReference)[] = [],
  isMachine = false,
): Promise<readonly Quantization[]> {
  const { quant = [], for: runtime } = options;
  if (quant.length === 0 && runtime === undefined) {
    const followed = await followReferences(options, references);
    if (!isMachine || followed !== LEVEL_QUANTIZATIONS) return followed;
  }
  const { listSchemesFor, parseQuantization } = await import("../quant/registry.ts");
  if (quant.length === 0 && runtime === undefined)
    return [parseQuantization("fp16"), ...listSchemesFor("gguf", options)];
  return uniqueQuantizations([
    ...quant.map((name) => parseQuantization(name, options)),
    ...(runtime ? listSchemesFor(runtime, options) : []),
  ]);
}

/** Return the quantization that the reference of a draft model names, or else those of the models it drafts for. */
export async function parseDraftQuantizations(
  options: QuantizationOptions,
  reference: Reference,
  quantizations: readonly Quantization[],
): Promise<readonly Quantization[]> {
  const followed = await followReferences(options, [reference]);
  return followed === LEVEL_QUANTIZATIONS ? quantizations : followed;
}

async function followReferences(
  options: QuantizationOptions,
  references: readonly (Reference | InvalidReference)[],
): Promise<readonly Quantization[]> {
  const names = references.map(readReferredQuantization);
  if (names.every((name) => name === null)) return LEVEL_QUANTIZATIONS;
  const { findQuantization } = await import("../quant/registry.ts");
  const found = names.map((name) => (name === null ? null : findQuantization(name, options)));
  const named = found.filter((quantization) => quantization !== null);
  return uniqueQuantizations(named.length === names.length ? named : [...LEVEL_QUANTIZATIONS, ...named]);
}

function readReferredQuantization(reference: Reference | InvalidReference): string | null {
  switch (reference.kind) {
    case "name":
    case "invalid":
      return null;
    case "path":
      return readNamedQuantization({ file: reference.path, label: null });
    case "ollama": // `8b-instruct-q4_K_M`, read as the name of a file
      return readNamedQuantization({ file: `${reference.name.tag}.gguf`, label: null });
    case "repository":
      return readNamedQuantization(reference);
  }
}

/** How a model is trained, as flags. */
export interface TrainingFlags {
  readonly train?: TrainingMode;
  readonly optimizer?: Optimizer;
  readonly rank?: number;
  readonly checkpointing?: boolean;
}

export function addTrainingOptions(command: Command, group: string): Command {
  return command
    .optionsGroup(group)
    .addOption(new Option("--train <mode>", "memory of fine-tuning").choices(TRAINING_MODES))
    .addOption(new Option("--optimizer <name>", "for --train (default: adamw)").choices(OPTIMIZERS))
    .option("--rank <number>", "of LoRA adapters (default: 16)", parseWhole(1, MAX_RANK))
    .option("--checkpointing", "for --train: compute layers again in the backward pass");
}

/** Build the setup of --train; null without it. Weights are in 32 bits with `--quant fp32`. Throws USAGE. */
export function toTrainingSetup(
  { train, optimizer, rank, checkpointing }: TrainingFlags,
  quantizations: readonly string[],
): TrainingSetup | null {
  if (train === undefined) {
    if (optimizer === undefined && rank === undefined && checkpointing === undefined) return null;
    throw new LlmSizeError("USAGE", { message: "--optimizer, --rank and --checkpointing come with --train" });
  }
  const [name = "fp16", ...others] = quantizations;
  const isKnown = ["fp16", "bf16", "fp32"].includes(name.toLowerCase()) && others.length === 0;
  if (!isKnown)
    throw new LlmSizeError("USAGE", {
      message: "--train takes one --quant, fp16 or fp32",
      hint: "qlora stores the weights of linear layers in 4 bits",
    });
  if (train === "full" && rank !== undefined)
    throw new LlmSizeError("USAGE", { message: "--rank comes with --train lora or qlora" });
  return {
    ...DEFAULT_TRAINING,
    mode: train,
    dtype: name.toLowerCase() === "fp32" ? "fp32" : "bf16",
    ...(optimizer && { optimizer }),
    ...(rank !== undefined && { rank }),
    ...(checkpointing && { checkpointing }),
  };
}

export const GPU_SHARE_HELP = "share of each GPU that vLLM takes (default: 0.9)";

export function addMemoryOptions(command: Command, group: string): Command {
  return command
    .optionsGroup(group)
    .option(
      "--context <tokens>",
      "context length, such as 8192, 8k or 128k (default: 4096)",
      parseQuantityOption("tokens"),
    )
    .option("--batch <count>", "sequences at the same time (default: 1)", parseWhole(1, MAX_BATCH))
    .addOption(new Option("--kv-dtype <dtype>", "dtype of the KV cache (default: bf16)").choices(KV_DTYPES))
    .addOption(
      new Option("--layout <layout>", "full: keep whole sliding windows and expanded latents").choices(
        KV_LAYOUTS,
      ),
    );
}

/** Return true where any of them was given. */
export function hasMemoryOptions({ context, batch, kvDtype, layout }: MemoryFlags): boolean {
  return [context, batch, kvDtype, layout].some((value) => value !== undefined);
}

/** Fill in the defaults of what was not given. */
export function toMemoryOptions(flags: MemoryFlags): MemoryOptions {
  const { context, batch, kvDtype, layout } = { ...DEFAULT_MEMORY_OPTIONS, ...flags };
  return { context, batch, kvDtype, layout };
}
