import type { Config } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import { modelTypes } from "../../model/architectures.ts";
import { isEarlyBert, isUntil, type LlamaCppEra } from "./eras.ts";

/** The bytes of a GGUF file besides its tensors; nearly all of them are the tokenizer. */
export interface MetadataEstimate {
  readonly bytes: number;
  /** How far off the estimate may be, in bytes. */
  readonly uncertaintyBytes: number;
  readonly isKnownTokenizer: boolean;
}

/** A tokenizer is recognized by the rows of the embedding and, where several share them, by the model type. */
type Row = readonly [
  name: string,
  from: number,
  to: number,
  bytes: number,
  isOfType?: (config: Config | null) => boolean,
];

/** TinyLlama shares the vocabulary of Llama 2, but its tokenizer was saved with merges. */
function isTinyLlama(config: Config | null): boolean {
  const width = config && readDimension(config.text, "hiddenSize");
  return config?.modelType === "llama" && width === 2048;
}

/** Metadata bytes, measured on the published files named: file size minus tensors. The first row that fits applies. */
const TOKENIZERS: readonly Row[] = [
  ["Mistral", 32000, 32003, 717_600, modelTypes("mistral")], // Mistral-7B-v0.1 of TheBloke
  ["Mixtral", 32000, 32003, 717_700, modelTypes("mixtral")], // Mixtral-8x7B-v0.1 of TheBloke
  ["Phi-3", 32011, 32064, 727_000, modelTypes("phi3")], // Phi-3.5-mini-instruct of bartowski
  ["TinyLlama", 32000, 32003, 1_697_500, isTinyLlama], // TinyLlama-1.1B-Chat-v1.0 of TheBloke: merges, too
  ["Llama 2", 32000, 32100, 723_760, modelTypes("llama llava")], // Llama-2-7B-Chat of TheBloke
  ["phi-2", 51200, 51200, 1_787_870, modelTypes("phi")], // phi-2 of TheBloke
  ["Mistral v0.3", 32768, 32770, 740_650], // Mistral-7B-Instruct-v0.3 of bartowski
  ["Mistral Nemo", 131072, 131075, 7_864_300, modelTypes("mistral mistral3")], // Mistral-Nemo-Instruct-2407 of bartowski
  ["Llama 3", 128256, 128264, 7_823_560], // Meta-Llama-3.1-8B-Instruct of bartowski
  ["Qwen2", 151643, 152064, 5_933_000], // Qwen2.5-0.5B to -32B of Qwen, Qwen3 of unsloth
  ["Qwen3.5", 248044, 248320, 10_943_300], // Qwen3.5-0.8B to -27B of unsloth
  ["Gemma", 256000, 256128, 6_029_300, modelTypes("gemma gemma2")], // gemma-2-2b-it of bartowski
  ["Gemma 3", 262144, 262144, 6_513_100, modelTypes("gemma3 gemma3_text gemma3n gemma3n_text")], // gemma-3-4b-it of ggml-org
  ["Gemma 4", 262144, 262144, 15_785_100, modelTypes("gemma4 gemma4_text gemma4_unified")], // gemma-4-E2B-it of ggml-org
  ["Command R", 255029, 256000, 10_890_000, modelTypes("cohere cohere2")], // aya-expanse-8b, c4ai-command-r7b of bartowski
  ["Nemotron", 256000, 256000, 6_320_900, modelTypes("nemotron")], // Nemotron-Mini-4B-Instruct of bartowski
  ["o200k", 201088, 201088, 12_980_600], // gpt-oss-20b and -120b of ggml-org
  ["Phi-4 mini", 200064, 200064, 8_239_500], // Phi-4-mini-instruct of bartowski and unsloth
  ["cl100k", 100256, 100352, 3_541_500], // phi-4 of Microsoft, OLMo-2-1B, stablelm-2-1.6b, granite-4.0-micro
  ["SmolLM", 49152, 49280, 1_769_800, modelTypes("llama idefics3 smolvlm")], // SmolLM2-1.7B-Instruct of bartowski
  ["StarCoder", 49152, 49160, 1_724_000], // starcoder2-3b of mradermacher, granite-3.3-8b-instruct of IBM
  ["EXAONE", 102400, 102400, 4_187_600, modelTypes("exaone exaone4")], // EXAONE-4.0-1.2B of LG
  ["DeepSeek", 102400, 102400, 3_970_000], // DeepSeek-V2-Lite of mradermacher
  ["Kimi", 163840, 163842, 6_916_800], // Moonlight-16B-A3B-Instruct of gabriellarson
  ["GLM-4", 151329, 151552, 9_306_600], // GLM-4-9B-0414 of unsloth
  ["Seed-OSS", 155136, 155136, 6_250_000], // Seed-OSS-36B-Instruct of bartowski
  ["Falcon", 65024, 65024, 2_289_000], // falcon-7b-instruct of mradermacher
  ["GPT-2", 50257, 50260, 1_766_800], // llama.cpp's models/ggml-vocab-gpt-2.gguf
  ["GPT-NeoX", 50277, 50432, 1_771_400], // llama.cpp's models/ggml-vocab-gpt-neox.gguf, OLMoE-1B-7B of AllenAI
  ["XLM-RoBERTa", 250002, 250048, 6_812_300, modelTypes("xlm-roberta")], // bge-m3 of gpustack
  ["early BERT", 30522, 30528, 749_800, isEarlyBert], // all-MiniLM-L6-v2 of second-state: also a score per token
  ["BERT", 30522, 30528, 628_300], // ms-marco-MiniLM-L4-v2 of mradermacher
];

/** Chat templates differ: Meta-Llama-3-8B has 5 kB less than 3.1, DeepSeek's distillation of it 2 kB less. */
const TEMPLATE_BYTES = 20_000;

/** Byte-pair tokenizers take 35 to 65 bytes per token, sentencepiece ones 23 to 27. */
const USUAL_BYTES_PER_TOKEN = 40;
const UNCERTAIN_BYTES_PER_TOKEN = 25;

/** Estimate the metadata of a file from the rows of its embedding and, for BERT, the time of its tool. */
export function estimateMetadata(
  vocabulary: number,
  config: Config | null,
  era: LlamaCppEra = "2025",
): MetadataEstimate {
  const row = TOKENIZERS.find(
    ([name, from, to, , isOfType]) =>
      vocabulary >= from &&
      vocabulary <= to &&
      (isOfType?.(config) ?? true) &&
      (name !== "early BERT" || isUntil(era, "2024-03")),
  );
  if (row === undefined)
    return {
      bytes: USUAL_BYTES_PER_TOKEN * vocabulary,
      uncertaintyBytes: UNCERTAIN_BYTES_PER_TOKEN * vocabulary,
      isKnownTokenizer: false,
    };
  const [, , , bytes] = row;
  return { bytes, uncertaintyBytes: TEMPLATE_BYTES, isKnownTokenizer: true };
}
