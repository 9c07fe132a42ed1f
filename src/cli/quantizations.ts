import { LEVEL_QUANTIZATIONS, type Quantization } from "../quant/quantization.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import type { QuantizationOptions } from "./options.ts";

/** What was asked for with --quant and --for, in that order, once each; the levels where nothing was. Throws USAGE. */
export async function chooseQuantizations(options: QuantizationOptions): Promise<{
  quantizations: readonly Quantization[];
  scheme: SchemeOptions;
}> {
  const { imatrix, separateHead, headBits } = options;
  return {
    quantizations: await listAsked(options),
    scheme: {
      ...(imatrix !== undefined && { imatrix }),
      ...(separateHead !== undefined && { separateHead }),
      ...(headBits !== undefined && { headBits }),
    },
  };
}

/** The rules of all families are loaded only where one is asked for. */
async function listAsked({
  quant = [],
  for: runtime,
}: QuantizationOptions): Promise<readonly Quantization[]> {
  if (quant.length === 0 && runtime === undefined) return LEVEL_QUANTIZATIONS;
  const { listSchemesFor, parseQuantization } = await import("../quant/registry.ts");
  return [...new Set([...quant.map(parseQuantization), ...(runtime ? listSchemesFor(runtime) : [])])];
}
