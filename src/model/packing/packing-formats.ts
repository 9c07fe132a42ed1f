import { AWQ } from "./awq.ts";
import { BITSANDBYTES_4BIT, BITSANDBYTES_INT8 } from "./bitsandbytes.ts";
import { AQLM, VPTQ } from "./codebooks.ts";
import { PACK_QUANTIZED, SPARSE_BITMASK } from "./compressed-tensors.ts";
import { EETQ, INT8, NARROW_FLOATS, SCALED } from "./byte-weights.ts";
import { EXL2, EXL3 } from "./exllama.ts";
import type { PackingFormat } from "./packing-format.ts";
import { BITNET, MODELOPT_INT4, QUARK_INT4 } from "./packed-integers.ts";
import { GPTQ } from "./gptq.ts";
import { HQQ } from "./hqq.ts";
import { MARLIN, MARLIN_24 } from "./marlin.ts";
import { MICROSCALING } from "./microscaling.ts";
import { MLX } from "./mlx.ts";
import { MXFP4_BLOCKS } from "./mxfp4-blocks.ts";
import { QUANTO } from "./quanto.ts";
import { TORCHAO } from "./torchao.ts";

/** Every known format, in the order they are tried: the first whose shapes agree wins. A new one is one file, and one row here. */
export const PACKING_FORMATS: readonly PackingFormat[] = [
  MXFP4_BLOCKS,
  GPTQ,
  AWQ,
  ...MARLIN,
  MARLIN_24,
  BITSANDBYTES_4BIT,
  BITSANDBYTES_INT8,
  MLX,
  PACK_QUANTIZED,
  SPARSE_BITMASK,
  ...MICROSCALING,
  MODELOPT_INT4,
  QUARK_INT4,
  BITNET,
  ...HQQ,
  EXL2,
  EXL3,
  AQLM,
  VPTQ,
  TORCHAO,
  ...QUANTO,
  ...EETQ,
  ...NARROW_FLOATS,
  INT8,
  SCALED,
];
