import { classifyTensors as classify, type StoredComponent } from "../../src/model/classify-tensors.ts";
import { PACKING_FORMATS } from "../../src/model/packing/packing-formats.ts";

/** Classify tensors that may be in any packing. */
export const classifyTensors = (components: readonly StoredComponent[]) =>
  classify(components, PACKING_FORMATS);
