import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import { uniqueQuantizations, type Quantization } from "../quant/quantization.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import type { QuantizationOptions } from "./options.ts";

/**
 * Return the quantizations of --quant and --for, in that order, once each; the levels where neither is given. The rules
 * of all ecosystems are loaded only where one is named. Throws USAGE.
 */
export async function chooseQuantizations(options: QuantizationOptions): Promise<readonly Quantization[]> {
  const { quant = [], for: runtime } = options;
  if (quant.length === 0 && runtime === undefined) return LEVEL_QUANTIZATIONS;
  const { listSchemesFor, parseQuantization } = await import("../quant/registry.ts");
  const scheme = readSchemeOptions(options);
  return uniqueQuantizations([
    ...quant.map((name) => parseQuantization(name, scheme)),
    ...(runtime ? listSchemesFor(runtime, scheme) : []),
  ]);
}

export function readSchemeOptions({ imatrix, separateHead, headBits }: QuantizationOptions): SchemeOptions {
  return {
    ...(imatrix !== undefined && { imatrix }),
    ...(separateHead !== undefined && { separateHead }),
    ...(headBits !== undefined && { headBits }),
  };
}
