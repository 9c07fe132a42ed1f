/** The formats in which people ship models, those that are read best first. docs/formats.md has a repository for each. */
const TITLES = {
  safetensors: "safetensors",
  pytorch: "PyTorch",
  gguf: "GGUF",
  onnx: "ONNX",
  openvino: "OpenVINO",
  coreml: "Core ML",
  mlc: "MLC",
  tensorflow: "TensorFlow",
  tfjs: "TensorFlow.js",
  mediapipe: "MediaPipe",
  litert: "LiteRT",
  executorch: "ExecuTorch",
  ctranslate2: "CTranslate2",
  ggml: "ggml",
  nemo: "NeMo",
  flax: "Flax",
  rust: "Rust",
  npz: "NumPy",
  tensorrt: "TensorRT",
  paddle: "Paddle",
  ncnn: "ncnn",
  mnn: "MNN",
  rkllm: "RKLLM",
  dduf: "DDUF",
  "torch-export": "torch.export",
  torchserve: "TorchServe",
  flashpack: "FlashPack",
} as const;

export type PackageFormatName = keyof typeof TITLES;

export const FORMAT_NAMES = Object.keys(TITLES) as readonly PackageFormatName[];

/** The common name of a format. */
export function formatTitle(format: PackageFormatName): string {
  return TITLES[format];
}
