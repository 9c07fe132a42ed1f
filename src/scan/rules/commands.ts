/** Commands that load a model, and which of their words names it. */
import type { Naming } from "./calls.ts";

export interface CommandRule {
  /** The words that the command begins with. */
  readonly words: string;
  /** The position of the model among the words that are no options; null where only options name it. */
  readonly position: number | null;
  readonly naming?: Naming | "docker";
  /** Words after the model are files of it. */
  readonly files?: true;
  /** A page of the Hub is downloaded. */
  readonly pages?: true;
}

export const COMMAND_RULES: readonly CommandRule[] = [
  { words: "vllm serve", position: 0 },
  { words: "vllm bench", position: null },
  { words: "vllm", position: null },
  { words: "vllm.entrypoints.openai.api_server", position: null },
  { words: "hf download", position: 0, files: true },
  { words: "huggingface-cli download", position: 0, files: true },
  { words: "transformers-cli download", position: 0 },
  { words: "transformers chat", position: 0 },
  { words: "transformers serve", position: null },
  { words: "ollama run", position: 0, naming: "ollama" },
  { words: "ollama pull", position: 0, naming: "ollama" },
  { words: "ollama show", position: 0, naming: "ollama" },
  { words: "docker model run", position: 0, naming: "docker" },
  { words: "docker model pull", position: 0, naming: "docker" },
  { words: "docker model package", position: null },
  { words: "accelerate estimate-memory", position: 0 },
  { words: "lmdeploy serve api_server", position: 0 },
  { words: "lmdeploy chat", position: 0 },
  { words: "trtllm-serve", position: 0 },
  { words: "trtllm-serve serve", position: 0 },
  { words: "aphrodite run", position: 0 },
  { words: "litgpt download", position: 0 },
  { words: "litgpt chat", position: 0 },
  { words: "litgpt serve", position: 0 },
  { words: "tune download", position: 0 },
  { words: "mlc_llm serve", position: 0, naming: "mlc" },
  { words: "mlc_llm chat", position: 0, naming: "mlc" },
  { words: "optimum-cli export", position: null },
  { words: "text-generation-launcher", position: null },
  { words: "text-embeddings-router", position: null },
  { words: "infinity_emb", position: null },
  { words: "sglang.launch_server", position: null },
  { words: "sglang serve", position: null },
  { words: "tabbyapi", position: null },
  { words: "lm_eval", position: null },
  { words: "lm-eval", position: null },
  { words: "mteb run", position: null },
  { words: "lerobot-train", position: null },
  { words: "git clone", position: 0, naming: "address", pages: true },
  { words: "lms get", position: 0, naming: "address", pages: true },
  { words: "wget", position: 0, naming: "address" },
  { words: "curl", position: 0, naming: "address" },
  { words: "node-llama-cpp pull", position: 0, naming: "address" },
  { words: "node-llama-cpp chat", position: 0, naming: "address" },
];

/** Programs whose `--model` is always a model that they load. */
export const LOADERS =
  /^(?:vllm|llama-\w+|llama_cpp\.server|mlx_(?:lm|vlm|audio|whisper|embeddings)(?:\.\w+)*|sglang(?:\.\w+)?|text-generation-launcher|text-embeddings-router|infinity_emb|optimum-cli|lm[-_]eval|mteb|tgi|swift|lmdeploy|trtllm-\w+|aphrodite|auto-round|llamafactory-cli|axolotl|transformers|vllm\.entrypoints[\w.]*)$/;

/** Images of containers whose options name the model that they serve. */
export const SERVERS =
  /(?:vllm|text-generation-inference|text-embeddings-inference|sglang|llama\.cpp|infinity|lmdeploy|tei|tgi)/;

/** Images of vLLM, whose first argument is the model. */
export const VLLM_IMAGE = /^[\w./-]*(?:vllm-openai|vllm-cpu|\/vllm)(?:-[\w-]+)?(?::[\w.-]+)?$/;

/** Options of llama.cpp: the repository, with its quantization behind a colon. */
export const HUB_FLAGS: ReadonlySet<string> = new Set([
  "-hf",
  "-hfr",
  "--hf-repo",
  "-hfd",
  "-hfrd",
  "--hf-repo-draft",
  "-hfv",
  "-hfrv",
  "--hf-repo-v",
]);
export const FILE_FLAGS: ReadonlySet<string> = new Set(["-hff", "--hf-file"]);

/** Options without a value, which may stand before the model. */
export const SWITCHES =
  /^--?(?:verbose|v|quiet|q|it|i|t|rm|detach|d|resume-download|force-download|force|local|yes|y|no-[\w-]+|trust[-_]remote[-_]code|enable-[\w-]+|disable-[\w-]+|insecure|L|s|S|f|fsSL|sSL|sL|fL|c|continue|progress|depth=\d+|recursive|json|cpu|debug|dry-run|help|h|version)$/;

/** Commands that only print. */
export const PRINTERS: ReadonlySet<string> = new Set([
  "echo",
  "printf",
  "cat",
  "grep",
  "sed",
  "awk",
  "rg",
  "docker-compose",
  "cd",
  "mkdir",
  "rm",
  "cp",
  "mv",
  "chmod",
  "ls",
  "test",
  "[",
  "[[",
]);
