import type { Config } from "../../format/config.ts";
import { modelTypes } from "../../model/architectures.ts";
import type { FileType } from "./file-types.ts";

/**
 * The times of llama-quantize, each with rules of its own. The dates are those of commits in ggml-org/llama.cpp: before
 * 2024-01-11 (#4872), before 2024-03-08 (#5944), before 2024-04-03 (#6387), until fused attention counted as values in
 * spring 2026, and since then.
 */
const LLAMA_CPP_ERAS = ["2023", "2024-02", "2024-03", "2025", "2026"] as const;

export type LlamaCppEra = (typeof LLAMA_CPP_ERAS)[number];

/** True where the tool is of this time or of one before. */
export function isUntil(era: LlamaCppEra, last: LlamaCppEra): boolean {
  return LLAMA_CPP_ERAS.indexOf(era) <= LLAMA_CPP_ERAS.indexOf(last);
}

/** The types of 2023: those with importance matrices, and BF16, came later. */
const TYPES_OF_2023: ReadonlySet<FileType> = new Set<FileType>([
  ...(["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q5_1", "Q5_0", "Q4_K_M", "Q4_K_S"] as const),
  ...(["Q4_1", "Q4_0", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K"] as const),
]);

/** Models with popular files of 2023, by TheBloke and gpt4all: falcon-7b-instruct, mpt-7b-chat, starcoder, phi-2. */
const isTypeOf2023 = modelTypes("falcon gpt_bigcode mpt phi qwen stablelm stablelm_epoch");

/** Models that llama.cpp could read by March 2024 and whose head is tied: gemma-2b-it of second-state. */
const isTiedOf2024 = modelTypes("bert bloom falcon gemma gpt2 gpt_bigcode mpt nomic_bert");

/**
 * BERT embedding models: their popular files, Ollama's included, were converted in March 2024, when llama.cpp had
 * learned BERT (second-state/All-MiniLM-L6-v2-Embedding-GGUF). Rerankers came later.
 */
export function isEarlyBert(config: Config | null): boolean {
  return isBert(config) && config?.architecture !== "BertForSequenceClassification";
}

const isBert = modelTypes("bert nomic_bert");

/** Models that came after the last change. Qwen3.5 came before it: Qwen3.5-2B of lmstudio-community, to 1.2 kB. */
const isModelOf2026 = modelTypes("gemma4 gemma4_text gemma4_unified");

interface EraInput {
  readonly fileType: FileType;
  readonly config: Config | null;
  /** True for Llama 1 and 2, CodeLlama, Mistral up to v0.2 and Mixtral: TheBloke made the files that people have. */
  readonly isModelOf2023: boolean;
}

/** Return the era of the files that most people have. */
export function inferEra({ fileType, config, isModelOf2023 }: EraInput): LlamaCppEra {
  if (isModelOf2023 && TYPES_OF_2023.has(fileType)) return "2023";
  if (isEarlyBert(config)) return "2024-03";
  return isModelOf2026(config) ? "2026" : "2025";
}

/** List the other eras of which there are files, the most common first. */
export function listOtherEras(input: EraInput): readonly { era: LlamaCppEra; because: string }[] {
  const { fileType, config } = input;
  const main = inferEra(input);
  const eras: { era: LlamaCppEra; because: string }[] = [];
  if (main === "2023" || main === "2024-03")
    eras.push({ era: "2025", because: "llama.cpp since April 2024" });
  if (isTiedOf2024(config)) eras.push({ era: "2024-02", because: "llama.cpp before March 2024" });
  if (main !== "2023" && isTypeOf2023(config) && TYPES_OF_2023.has(fileType))
    eras.push({ era: "2023", because: "llama.cpp of 2023" });
  if (main !== "2026") eras.push({ era: "2026", because: "llama.cpp of 2026" });
  return eras;
}

/** True where files without an importance matrix are the usual ones. */
export function isOfMatrixFreeTime(input: EraInput): boolean {
  return inferEra(input) === "2023" || isTypeOf2023(input.config);
}
