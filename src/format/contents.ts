import type { ListedFile } from "./weight-file.ts";

/** Endings of files that hold weights in another form, and what people call them. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\.gguf$/i, "GGUF"],
  [/\.(?:bin|pt|pth|ckpt)$/i, "PyTorch"],
  [/\.onnx$/i, "ONNX"],
  [/\.safetensors$/i, "safetensors"],
  [/\.(?:h5|keras)$/i, "Keras"],
  [/\.msgpack$/i, "Flax"],
  [/\.(?:tflite|task|litertlm)$/i, "LiteRT"],
  [/\.mlpackage\//i, "Core ML"],
];

/** What a repository without a readable checkpoint holds instead: `3 GGUF files, 1 PyTorch file`. */
export function describeContents(files: readonly ListedFile[]): string {
  const counts = KINDS.map(([pattern, kind]) => ({
    kind,
    count: files.filter(({ path }) => pattern.test(path)).length,
  }));
  const found = counts.filter(({ count }) => count > 0);
  if (found.length > 0)
    return `it holds ${found.map(({ kind, count }) => `${count} ${kind} ${count === 1 ? "file" : "files"}`).join(", ")}`;
  return files.length === 0 ? "it is empty" : `none of its ${files.length} files holds weights`;
}
