import type { AuxiliaryTensors, PackingFormat } from "./packing-format.ts";
import { chooseLength, fitsGroups, readLength, readMatrix, WORD_BITS } from "./shapes.ts";

/** The widths GPTQ tools write. Source: ModelCloud/GPTQModel, gptqmodel/quantization/config.py. */
const BIT_WIDTHS: readonly number[] = [2, 3, 4, 8];

/** Tensors stored with `qweight` in GPTQ and AWQ files. */
export const QWEIGHT_AUXILIARY: AuxiliaryTensors = {
  scale: "scales",
  "zero-point": "qzeros",
  index: "g_idx",
};

/**
 * GPTQ: `qweight` [in × bits / 32, out], every word full, so that 3-bit weights straddle words
 * (TheBloke/Llama-2-7B-Chat-GPTQ; AutoRound's own packing is the same). The width is not read from the config but
 * derived from `qzeros` and `g_idx`: `dynamic` rules give single modules other widths.
 * Source: AutoGPTQ/AutoGPTQ, auto_gptq/nn_modules/qlinear/qlinear_cuda.py.
 */
export const GPTQ: PackingFormat = {
  name: "gptq",
  leaf: "qweight",
  auxiliary: QWEIGHT_AUXILIARY,
  mayStoreZeroBias: true,
  inferShape(qweight, { tensors }, hints) {
    const packed = readMatrix(qweight);
    const scales = readMatrix(tensors.get("scales"));
    const wordBits = WORD_BITS.get(qweight.dtype);
    if (packed === null || scales === null || wordBits === undefined) return null;
    const { rows, columns: outputs } = packed;
    if (scales.columns !== outputs) return null;

    const zeros = tensors.get("qzeros");
    const index = tensors.get("g_idx");
    const fitsZeros = (bits: number): boolean => {
      const packedZeros = readMatrix(zeros);
      return (
        packedZeros?.rows === scales.rows && packedZeros.columns === Math.ceil((outputs * bits) / wordBits)
      );
    };
    // Without zero points and index, only the config has the width.
    const bitWidths = BIT_WIDTHS.filter((bits) =>
      zeros === undefined ? index !== undefined || hints.bitWidths.has(bits) : fitsZeros(bits),
    );
    const candidates = bitWidths
      .map((bits) => (rows * wordBits) / bits)
      .filter(
        (inputs) =>
          Number.isSafeInteger(inputs) &&
          (index === undefined || readLength(index) === inputs) &&
          fitsGroups(inputs, scales.rows, hints),
      );
    const inputs = chooseLength(candidates, hints);
    return inputs === null ? null : [outputs, inputs];
  },
};
