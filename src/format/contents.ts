import type { RepositoryFile } from "../source/repository.ts";
import { parseWeightFile, WEIGHT_FORMATS, type WeightFormat } from "./weight-file.ts";

/** Common names of the formats. */
const NAMES = {
  safetensors: "safetensors",
  pytorch: "PyTorch",
  gguf: "GGUF",
  onnx: "ONNX",
  mediapipe: "MediaPipe",
  litert: "LiteRT",
  tensorflow: "TensorFlow",
  flax: "Flax",
  rust: "Rust",
  coreml: "Core ML",
  openvino: "OpenVINO",
} satisfies Record<WeightFormat, string>;

/** Describe a repository without a readable checkpoint: `3 GGUF files, 1 PyTorch file`. */
export function describeContents(files: readonly RepositoryFile[]): string {
  const formats = files.map((file) => parseWeightFile(file)?.format);
  const found = WEIGHT_FORMATS.map((format) => ({
    name: NAMES[format],
    count: formats.filter((each) => each === format).length,
  })).filter(({ count }) => count > 0);
  if (found.length > 0)
    return `it holds ${found.map(({ name, count }) => `${count} ${name} ${count === 1 ? "file" : "files"}`).join(", ")}`;
  return files.length === 0 ? "it is empty" : `none of its ${files.length} files holds weights`;
}
