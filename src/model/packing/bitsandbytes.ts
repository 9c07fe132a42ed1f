import type { PackingFormat } from "./packing-format.ts";
import { inferLinearShape } from "./shapes.ts";
import { isSameShape, readLength } from "./shapes.ts";

/** Weights per scale. Source: bitsandbytes-foundation/bitsandbytes, functional.py. */
const BLOCK_SIZES: readonly number[] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

/**
 * NF4 and FP4: two weights per byte in one long column [n / 2, 1]; only the data of `quant_state` has the shape
 * (unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit). Files made for FSDP call the same bytes BF16.
 * Source: bitsandbytes-foundation/bitsandbytes, bitsandbytes/nn/modules.py.
 */
export const BITSANDBYTES_4BIT: PackingFormat = {
  name: "bitsandbytes-4bit",
  leaf: "weight",
  auxiliary: {
    scale: "weight.absmax weight.nested_absmax",
    codebook: "weight.quant_map weight.nested_quant_map",
    metadata: "weight.quant_state.bitsandbytes__nf4 weight.quant_state.bitsandbytes__fp4",
  },
  inferShape(weight, module, hints) {
    const blocks = readLength(module.tensors.get("weight.absmax"));
    if (blocks === null || readLength(weight) === null) return null;
    const elements = weight.bytes * 2;
    if (!BLOCK_SIZES.some((size) => Math.ceil(elements / size) === blocks)) return null;
    return inferLinearShape(module.name, elements, hints);
  },
};

/**
 * LLM.int8(): a byte per weight and a scale per row. Source: bitsandbytes-foundation/bitsandbytes, bitsandbytes/nn/modules.py.
 */
export const BITSANDBYTES_INT8: PackingFormat = {
  name: "bitsandbytes-int8",
  leaf: "weight",
  auxiliary: { scale: "SCB", metadata: "weight_format" },
  inferShape(weight, { tensors }) {
    const scales = tensors.get("SCB");
    const isRowwise = scales !== undefined && isSameShape(scales.shape, weight.shape.slice(0, 1));
    return weight.dtype === "I8" && weight.shape.length === 2 && isRowwise ? weight.shape : null;
  },
};
