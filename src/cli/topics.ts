/** The help that does not fit on one screen: `llm-size help <topic>`. */
import { findNearestName } from "../contract/nearest-name.ts";

const SIZES = `The levels are computed from the shapes of the weights:
  fp32, fp16   4 and 2 bytes per parameter
  int8         1 byte per weight of a matrix + 2 bytes per row; the rest 16 bits
  int4         4 bits per weight + 2 bytes per 32 of a row; the rest 16 bits

Real formats are schemes: Q4_K_M, onnx:q4f16, mlx:4bit … (--quant); --for takes
all of one ecosystem. A file that exists is published, the sum of its real
bytes; a prediction has a ~ before it, and variants where publishers differ.
  ?            unknown, with the reason below the table`;

const EXIT_CODES = `  0   measured; within budget, or no budget given
  1   measured; a budget is exceeded
  2   the command line or config file is wrong; nothing was fetched
  3   a model cannot be measured, or a gated figure is unknown
  4   the Hub did not answer; trying again may help
  70  a bug in llm-size: https://github.com/llm-size/llm-size/issues`;

const ENVIRONMENT = `  HF_TOKEN, HF_TOKEN_PATH            token for gated and private models
  HF_ENDPOINT                        another Hub (--endpoint)
  LLM_SIZE_OLLAMA_ENDPOINT           another registry of Ollama (--endpoint)
  OLLAMA_MODELS                      where Ollama keeps its models
  HF_HUB_OFFLINE                     do not use the network (--offline)
  HF_HUB_DOWNLOAD_TIMEOUT            seconds to wait for an answer
  HF_HOME, HF_HUB_CACHE              where the Hub's tools keep downloads
  HF_HUB_DISABLE_PROGRESS_BARS       no line of progress
  LLM_SIZE_CACHE, XDG_CACHE_HOME     the folder of the cache (llm-size cache)
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
  NODE_EXTRA_CA_CERTS                certificates of a proxy
  NO_COLOR, FORCE_COLOR              colors (--no-color, --color)`;

/** Each topic with its summary and its text; null for the options, which are listed from the command itself. */
const TOPICS: Readonly<Record<string, { readonly summary: string; readonly text: string | null }>> = {
  options: { summary: "all options of llm-size <model...>", text: null },
  sizes: { summary: "how each size comes about", text: SIZES },
  "exit-codes": { summary: "what a script can rely on", text: EXIT_CODES },
  environment: { summary: "variables that are read", text: ENVIRONMENT },
};

/** Return the text of a topic; null for one that is rendered from options, undefined for an unknown one. */
export function findTopic(name: string): string | null | undefined {
  if (name === "topics") return listTopics();
  return Object.hasOwn(TOPICS, name) ? TOPICS[name]?.text : undefined;
}

/** Find the topic that a misspelt word means. */
export function findTopicName(written: string): string | null {
  return findNearestName(written, [...Object.keys(TOPICS), "topics"]);
}

function listTopics(): string {
  const lines = Object.entries(TOPICS).map(
    ([name, { summary }]) => `  llm-size help ${name.padEnd(12)} ${summary}`,
  );
  return ["Topics:", ...lines, "", "Each command has its own: llm-size check --help"].join("\n");
}
