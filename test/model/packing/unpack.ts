import type { Config } from "../../../src/format/config.ts";
import type { Tensor } from "../../../src/format/tensor.ts";
import { PACKING_FORMATS } from "../../../src/model/packing/packing-formats.ts";
import { unpackTensors as unpack } from "../../../src/model/packing/unpack.ts";

/** Unpack tensors that may be in any packing. */
export const unpackTensors = (tensors: readonly Tensor[], config: Config | null) =>
  unpack(tensors, config, PACKING_FORMATS);
