import type { Config } from "../../model/config.ts";
import { isEarlyBert } from "./kept-type.ts";

/** How much a GGUF file spends on anything but tensors: nearly all of it is the tokenizer. */
export interface MetadataEstimate {
  readonly bytes: number;
  /** How far off the estimate may be. */
  readonly uncertaintyBytes: number;
  readonly isKnownTokenizer: boolean;
}

/** A tokenizer, told by the rows of the embedding and where these do not suffice by the kind of model. */
interface Tokenizer {
  readonly name: string;
  readonly vocabulary: readonly [from: number, to: number];
  readonly modelTypes?: readonly string[];
  readonly bytes: number;
}

/**
 * Metadata bytes, each measured on the published file named: what is left of it after its tensors. The first row that
 * fits decides.
 */
const TOKENIZERS: readonly Tokenizer[] = [
  // TheBloke/Llama-2-7B-Chat-GGUF; Mistral-7B-Instruct-v0.2 and -v0.3, Phi-3.5-mini-instruct of bartowski
  { name: "Mistral", vocabulary: [32000, 32003], modelTypes: ["mistral", "mixtral"], bytes: 717_600 },
  { name: "Phi-3", vocabulary: [32011, 32064], modelTypes: ["phi3"], bytes: 727_000 },
  { name: "Llama 2", vocabulary: [32000, 32100], modelTypes: ["llama", "mistral", "llava"], bytes: 723_760 },
  { name: "Mistral v0.3", vocabulary: [32768, 32770], bytes: 740_650 },
  {
    name: "Mistral Nemo",
    vocabulary: [131072, 131075],
    modelTypes: ["mistral", "mistral3"],
    bytes: 7_864_300,
  },
  // Meta-Llama-3.1-8B-Instruct of bartowski
  { name: "Llama 3", vocabulary: [128256, 128264], bytes: 7_823_560 },
  // Qwen2.5-0.5B to Coder-32B of Qwen, Qwen3 of unsloth; Qwen3.5-2B and -4B of unsloth
  { name: "Qwen2", vocabulary: [151643, 152064], bytes: 5_933_000 },
  { name: "Qwen3.5", vocabulary: [248044, 248320], bytes: 10_940_000 },
  // gemma-2-2b-it and gemma-3-4b-it of bartowski and ggml-org
  { name: "Gemma", vocabulary: [256000, 256128], modelTypes: ["gemma", "gemma2"], bytes: 6_029_300 },
  {
    name: "Gemma 3",
    vocabulary: [262144, 262144],
    modelTypes: ["gemma3", "gemma3_text", "gemma3n"],
    bytes: 6_513_100,
  },
  // aya-expanse-8b and c4ai-command-r7b of bartowski, Nemotron-Mini-4B-Instruct of bartowski
  { name: "Command R", vocabulary: [255029, 256000], modelTypes: ["cohere", "cohere2"], bytes: 10_890_000 },
  { name: "Nemotron", vocabulary: [256000, 256000], modelTypes: ["nemotron"], bytes: 6_320_900 },
  // gpt-oss-20b and -120b of ggml-org; phi-4-mini-instruct of bartowski, phi-4 of Microsoft
  { name: "o200k", vocabulary: [201088, 201088], bytes: 12_980_600 },
  { name: "Phi-4 mini", vocabulary: [200064, 200064], bytes: 8_239_500 },
  {
    name: "cl100k",
    vocabulary: [100256, 100352],
    modelTypes: ["phi3", "olmo2", "olmo3", "stablelm", "granite", "granitemoehybrid"],
    bytes: 3_541_500,
  },
  // SmolLM2-1.7B-Instruct of bartowski, starcoder2-3b of mradermacher, granite-3.3-8b-instruct of IBM
  {
    name: "SmolLM",
    vocabulary: [49152, 49280],
    modelTypes: ["llama", "idefics3", "smolvlm"],
    bytes: 1_769_800,
  },
  { name: "StarCoder", vocabulary: [49152, 49160], bytes: 1_724_000 },
  // DeepSeek-V2-Lite of mradermacher, Moonlight-16B-A3B of gabriellarson, EXAONE-4.0-1.2B of LG
  { name: "EXAONE", vocabulary: [102400, 102400], modelTypes: ["exaone", "exaone4"], bytes: 4_187_600 },
  { name: "DeepSeek", vocabulary: [102400, 102400], bytes: 3_970_000 },
  { name: "Kimi", vocabulary: [163840, 163842], bytes: 6_916_800 },
  // GLM-4-9B-0414 of unsloth, Seed-OSS-36B of bartowski, falcon-7b-instruct of mradermacher
  { name: "GLM-4", vocabulary: [151329, 151552], bytes: 9_306_600 },
  { name: "Seed-OSS", vocabulary: [155136, 155136], bytes: 6_250_000 },
  { name: "Falcon", vocabulary: [65024, 65024], bytes: 2_289_000 },
  // llama.cpp's own models/ggml-vocab-{gpt-2,gpt-neox}.gguf; OLMoE-1B-7B of AllenAI
  { name: "GPT-2", vocabulary: [50257, 50260], bytes: 1_766_800 },
  { name: "GPT-NeoX", vocabulary: [50277, 50432], bytes: 1_771_400 },
  // bge-m3 of gpustack; ms-marco-MiniLM-L4-v2 of mradermacher
  { name: "XLM-RoBERTa", vocabulary: [250002, 250048], modelTypes: ["xlm-roberta"], bytes: 6_812_300 },
  { name: "BERT", vocabulary: [30522, 30528], bytes: 628_300 },
];

/** The first converter of BERT wrote a score for each token, too: second-state/All-MiniLM-L6-v2-Embedding-GGUF. */
const EARLY_BERT_BYTES = 749_800;

/** Chat templates come and go: Llama 3 without and 3.1 with one differ by 5 kB, DeepSeek-R1's distill by 2 kB. */
const TEMPLATE_BYTES = 20_000;

/** Known byte-pair tokenizers spend 35 to 65 bytes a token, sentencepiece ones 23 to 27. */
const USUAL_BYTES_A_TOKEN = 40;
const TOKEN_UNCERTAINTY_BYTES = 25;

/** Estimates a file's metadata from what tells its tokenizer. */
export function estimateMetadata(vocabulary: number, config: Config | null): MetadataEstimate {
  const modelTypes = [config?.modelType, config?.text["model_type"]];
  const tokenizer = TOKENIZERS.find(
    ({ vocabulary: [from, to], modelTypes: only }) =>
      vocabulary >= from && vocabulary <= to && (!only || only.some((type) => modelTypes.includes(type))),
  );
  if (tokenizer) {
    const bytes = isEarlyBert(config) && tokenizer.name === "BERT" ? EARLY_BERT_BYTES : tokenizer.bytes;
    return { bytes, uncertaintyBytes: TEMPLATE_BYTES, isKnownTokenizer: true };
  }
  return {
    bytes: USUAL_BYTES_A_TOKEN * vocabulary,
    uncertaintyBytes: TOKEN_UNCERTAINTY_BYTES * vocabulary,
    isKnownTokenizer: false,
  };
}
