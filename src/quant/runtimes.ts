import type { EcosystemName } from "./ecosystems.ts";

/** The programs that people name with `--for`, and the ecosystem whose files each of them runs. */
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
  "tensorrt-llm": "modelopt",
  modelopt: "modelopt",
  openvino: "openvino",
  exllamav3: "exl3",
  exl3: "exl3",
  exllamav2: "exl2",
  exl2: "exl2",
  hqq: "hqq",
  aqlm: "aqlm",
  torchao: "torchao",
  "onnxruntime-genai": "genai",
  executorch: "executorch",
  coreml: "coreml",
  "whisper.cpp": "whisper.cpp",
} as const satisfies Record<string, EcosystemName>;
export type Runtime = keyof typeof RUNTIMES;

export const RUNTIME_NAMES = Object.keys(RUNTIMES) as readonly Runtime[];
