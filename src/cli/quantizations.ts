import {
  LEVEL_QUANTIZATIONS,
  listSchemesFor,
  parseQuantization,
  type Quantization,
} from "../quant/registry.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import type { QuantizationOptions } from "./options.ts";

/** What was asked for with --quant and --for, in that order, once each; the levels where nothing was. Throws USAGE. */
export function chooseQuantizations(options: QuantizationOptions): {
  quantizations: readonly Quantization[];
  scheme: SchemeOptions;
} {
  const named = (options.quant ?? []).map(parseQuantization);
  const chosen = [...new Set([...named, ...(options.for ? listSchemesFor(options.for) : [])])];
  const { imatrix, separateHead, headBits } = options;
  return {
    quantizations: chosen.length > 0 ? chosen : LEVEL_QUANTIZATIONS,
    scheme: {
      ...(imatrix !== undefined && { imatrix }),
      ...(separateHead !== undefined && { separateHead }),
      ...(headBits !== undefined && { headBits }),
    },
  };
}
