/** The table of package formats: adding one is one row here and one in `format-names.ts`. */
import type { PackageFormatName } from "./format-names.ts";
import { COREML } from "./formats/coreml.ts";
import { CTRANSLATE2 } from "./formats/ctranslate2.ts";
import { EXECUTORCH } from "./formats/executorch.ts";
import { GGML } from "./formats/ggml.ts";
import { GGUF } from "./formats/gguf.ts";
import { MEDIAPIPE } from "./formats/mediapipe.ts";
import { MLC } from "./formats/mlc.ts";
import { MNN } from "./formats/mnn.ts";
import { ONNX } from "./formats/onnx.ts";
import { OPENVINO } from "./formats/openvino.ts";
import { PADDLE } from "./formats/paddle.ts";
import { collectPairs } from "./formats/pairs.ts";
import { PYTORCH } from "./formats/pytorch.ts";
import { SAFETENSORS } from "./formats/safetensors.ts";
import { collectSingleFiles } from "./formats/single-files.ts";
import { TENSORFLOW } from "./formats/tensorflow.ts";
import { TENSORRT } from "./formats/tensorrt.ts";
import { TFJS } from "./formats/tfjs.ts";
import { readFirstMember, startsWith } from "./magic.ts";
import type { PackageFormat } from "./package-format.ts";

/** In the order in which they claim files: a `.bin` is PyTorch's only if nothing else claims it. */
export const PACKAGE_FORMATS: Readonly<Record<PackageFormatName, PackageFormat>> = {
  coreml: COREML,
  tensorflow: TENSORFLOW,
  tensorrt: TENSORRT,
  mlc: MLC,
  tfjs: TFJS,
  openvino: OPENVINO,
  ncnn: { collect: collectPairs("param", "bin", "needed") },
  paddle: PADDLE,
  executorch: EXECUTORCH,
  ctranslate2: CTRANSLATE2,
  onnx: ONNX,
  ggml: GGML,
  mediapipe: MEDIAPIPE,
  litert: {
    collect: collectSingleFiles("tflite", "litertlm"),
    isContent: (start) => startsWith("TFL3", 4)(start) || startsWith("LITERTLM")(start),
    hasParts: true,
  },
  flax: { collect: collectSingleFiles("msgpack") },
  rust: { collect: collectSingleFiles("ot") },
  // Before version 1.7 a gzip, which says nothing.
  nemo: { collect: collectSingleFiles("nemo"), isContent: startsWith("ustar", 257) },
  npz: {
    collect: collectSingleFiles("npz"),
    isContent: (start) =>
      startsWith("\u0093NUMPY")(start) || /^[^/]+\.npy$/.test(readFirstMember(start) ?? ""),
  },
  mnn: MNN,
  rkllm: { collect: collectSingleFiles("rkllm"), isContent: startsWith("RKLLM") },
  dduf: { collect: collectSingleFiles("dduf") },
  "torch-export": { collect: collectSingleFiles("pt2") },
  torchserve: { collect: collectSingleFiles("mar") },
  flashpack: { collect: collectSingleFiles("flashpack") },
  gguf: GGUF,
  safetensors: SAFETENSORS,
  pytorch: PYTORCH,
};

/** The rows of the table, in its order. */
export const FORMATS = Object.entries(PACKAGE_FORMATS) as readonly (readonly [
  PackageFormatName,
  PackageFormat,
])[];
