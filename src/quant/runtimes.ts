import type { Family } from "./scheme.ts";

/** What people call the programs that run a family's files. */
export const RUNTIMES = {
  gguf: "gguf",
  "llama.cpp": "gguf",
  ollama: "gguf",
  "transformers.js": "onnx",
  onnx: "onnx",
  mlx: "mlx",
  webllm: "mlc",
  mlc: "mlc",
  mediapipe: "mediapipe",
  litert: "litert",
  bitsandbytes: "bnb",
  bnb: "bnb",
  gptq: "gptq",
  awq: "awq",
  vllm: "ct",
  ct: "ct",
} as const satisfies Record<string, Family>;
export type Runtime = keyof typeof RUNTIMES;

export const RUNTIME_NAMES = Object.keys(RUNTIMES) as readonly Runtime[];

/**
 * Families whose files hold the tokenizer and all settings; the runtimes of all others fetch tokenizer and config from
 * the repository. WebLLM fetches a compiled model library, too, from another host (3 to 6 MB, not counted).
 */
export const SELF_CONTAINED: ReadonlySet<Family> = new Set(["gguf", "mediapipe", "litert"]);
