import type { Note } from "../notes.ts";
import type { HubSummary } from "../source/repository.ts";
import { DTYPE_BITS } from "../source/tensor.ts";
import { UNKNOWN_COUNTS, type ParameterCounts } from "./parameters.ts";

const bitsOfDtype = new Map<string, number>(Object.entries(DTYPE_BITS));

/** Dtypes of buffers in torch: positions and masks. */
const BUFFER_DTYPES: ReadonlySet<string> = new Set(["I64", "BOOL"]);

/** Buffers as well or, where there are many, packed weights: an I32 of GPTQ holds eight. */
const PACKING_DTYPES: ReadonlySet<string> = new Set(["I8", "U8", "I16", "U16", "I32", "U32"]);

/** How far the bytes of the files may differ from the summary. Headers, padding and buffers are much smaller. */
const TOLERANCE = 0.02;

/**
 * Count from the Hub's summary. It does not show ties, buffers in floating point and active experts. Nothing is counted
 * where the bytes of the files contradict it (a self-reported total), or many of the elements may be packed weights.
 */
export function countSummary(
  summary: HubSummary,
  fileBytes: number | null,
): { counts: ParameterCounts; notes: readonly Note[] } {
  const byDtype: Record<string, number> = {};
  let stored = 0;
  let total = 0;
  let packable = 0;
  let impliedBytes = 0;
  for (const [dtype, elements] of Object.entries(summary.byDtype)) {
    stored += elements;
    impliedBytes += (elements * (bitsOfDtype.get(dtype) ?? Number.NaN)) / 8;
    if (PACKING_DTYPES.has(dtype)) packable += elements;
    else if (!BUFFER_DTYPES.has(dtype)) {
      total += elements;
      byDtype[dtype] = elements;
    }
  }
  const claim = `the Hub counts ${summary.total} parameters, but`;
  if (fileBytes !== null && !(Math.abs(impliedBytes / fileBytes - 1) <= TOLERANCE))
    return doubt(stored, `${claim} its files weigh ${fileBytes} bytes; its count is not trusted`);
  if (packable > stored * TOLERANCE)
    return doubt(stored, `${claim} ${packable} of them are integers that may hold several weights each`);
  return { counts: { ...UNKNOWN_COUNTS, total, stored, byDtype }, notes: [] };
}

function doubt(stored: number, message: string): { counts: ParameterCounts; notes: readonly Note[] } {
  return { counts: { ...UNKNOWN_COUNTS, stored }, notes: [{ code: "SUMMARY_DOUBTFUL", message }] };
}
