import { AWQ } from "./awq.ts";
import { BITSANDBYTES } from "./bitsandbytes.ts";
import { COMPRESSED_TENSORS } from "./compressed-tensors.ts";
import { GGUF } from "./gguf/gguf.ts";
import { GPTQ } from "./gptq.ts";
import { LEVEL } from "./levels.ts";
import { LITERT } from "./litert.ts";
import { MEDIAPIPE } from "./mediapipe.ts";
import { MLC } from "./mlc.ts";
import { MLX } from "./mlx.ts";
import { ONNX } from "./onnx.ts";
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
] as const satisfies readonly Ecosystem[];

export type EcosystemName = (typeof ECOSYSTEMS)[number]["name"];
