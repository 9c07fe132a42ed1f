import { AQLM } from "./aqlm.ts";
import { AWQ } from "./awq.ts";
import { BITSANDBYTES } from "./bitsandbytes.ts";
import { COMPRESSED_TENSORS } from "./compressed-tensors.ts";
import { COREML } from "./coreml.ts";
import { EXECUTORCH } from "./executorch.ts";
import { EXL2, EXL3 } from "./exllama.ts";
import { GENAI } from "./genai.ts";
import { GGUF } from "./gguf/gguf.ts";
import { GPTQ } from "./gptq.ts";
import { HQQ } from "./hqq.ts";
import { LEVEL } from "./levels.ts";
import { LITERT } from "./litert.ts";
import { MEDIAPIPE } from "./mediapipe.ts";
import { MLC } from "./mlc.ts";
import { MLX } from "./mlx.ts";
import { MODELOPT } from "./modelopt.ts";
import { ONNX } from "./onnx.ts";
import { OPENVINO } from "./openvino.ts";
import { TORCHAO } from "./torchao.ts";
import { WHISPER_CPP } from "./whisper-cpp.ts";
import type { Ecosystem } from "./scheme.ts";

/** Every ecosystem, in the order in which lists show them. A new one is one file, and one row here. */
export const ECOSYSTEMS = [
  LEVEL,
  GGUF,
  ONNX,
  MLX,
  MLC,
  MEDIAPIPE,
  LITERT,
  BITSANDBYTES,
  GPTQ,
  AWQ,
  COMPRESSED_TENSORS,
  MODELOPT,
  OPENVINO,
  EXL3,
  EXL2,
  HQQ,
  AQLM,
  TORCHAO,
  GENAI,
  EXECUTORCH,
  COREML,
  WHISPER_CPP,
] as const satisfies readonly Ecosystem[];

export type EcosystemName = (typeof ECOSYSTEMS)[number]["name"];
