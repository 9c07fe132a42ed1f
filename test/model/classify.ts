import { classifyTensors as classify, type StoredComponent } from "../../src/model/classify-tensors.ts";
import { mayBePacked } from "../../src/model/packing/load-packings.ts";
import { PACKING_FORMATS } from "../../src/model/packing/packing-formats.ts";

/** Classify tensors as the program does, which tries packings only where something may be packed. */
export const classifyTensors = (components: readonly StoredComponent[]) =>
  classify(components, components.some(({ tensors }) => mayBePacked(tensors)) ? PACKING_FORMATS : []);
