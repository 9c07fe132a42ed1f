import type { Tensor } from "../../format/tensor.ts";
import type { PackingFormat } from "./packing-format.ts";
import { QWEIGHT_AUXILIARY } from "./gptq.ts";
import { fitsGroups, isSameShape, readMatrix, type Matrices } from "./shapes.ts";

/** AWQ kernels support 4 bits only: eight weights per word. */
const WEIGHTS_PER_WORD = 8;
/** `gemv_fast` interleaves four rows. */
const INTERLEAVE = 4;

/**
 * AWQ: `qweight` packs the outputs [in, out / 8] (gemm: Qwen/Qwen2.5-1.5B-Instruct-AWQ), the inputs [out, in / 8]
 * (gemv), or four interleaved rows in 16-bit words [out / 4, in] (gemv_fast).
 * Source: casper-hansen/AutoAWQ, awq/modules/linear/.
 */
export const AWQ: PackingFormat = {
  name: "awq",
  leaf: "qweight",
  auxiliary: QWEIGHT_AUXILIARY,
  inferShape(qweight, { tensors }, hints) {
    const packed = readMatrix(qweight);
    const scales = readMatrix(tensors.get("scales"));
    const zeros = tensors.get("qzeros");
    if (packed === null || scales === null) return null;

    if (qweight.dtype === "I16") {
      const isInterleaved = packed.rows * INTERLEAVE === scales.columns && isTwin(zeros, scales);
      return isInterleaved ? [scales.columns, packed.columns] : null;
    }
    if (qweight.dtype !== "I32" || !holdsZeros(zeros, scales)) return null;
    if (scales.columns === packed.columns * WEIGHTS_PER_WORD && fitsGroups(packed.rows, scales.rows, hints))
      return [scales.columns, packed.rows];
    // gemv pads its scales, so only the zero points confirm the groups.
    if (scales.rows === packed.rows && zeros !== undefined)
      return [packed.rows, packed.columns * WEIGHTS_PER_WORD];
    return null;
  },
};

function isTwin(zeros: Tensor | undefined, { rows, columns }: Matrices): boolean {
  return zeros !== undefined && isSameShape(zeros.shape, [rows, columns]);
}

function holdsZeros(zeros: Tensor | undefined, { rows, columns }: Matrices): boolean {
  return zeros === undefined || isSameShape(zeros.shape, [rows, Math.ceil(columns / WEIGHTS_PER_WORD)]);
}
