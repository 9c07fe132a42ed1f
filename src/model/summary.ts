import type { Note } from "../notes.ts";
import type { ParameterCounts } from "./parameters.ts";

/** The Hub's own totals of a model, by stored dtype. */
export interface HubSummary {
  readonly total: number;
  readonly byDtype: Readonly<Record<string, number>>;
}

/** Bytes of an element, for the dtypes whose counts are elements; under the packed ones the Hub counts what it unpacked. */
const DTYPE_BYTES = new Map([
  ["F64", 8], ["F32", 4], ["F16", 2], ["BF16", 2], ["F8_E4M3", 1], ["F8_E5M2", 1], ["I64", 8], ["I32", 4], ["I16", 2], ["I8", 1],
  ["U8", 1], ["BOOL", 1],
]); // prettier-ignore

/** What torch keeps as buffers: positions and masks. */
const BUFFER_DTYPES: ReadonlySet<string> = new Set(["I64", "BOOL", "I16", "U16"]);

/** How far the bytes of the files may be from what the summary implies: headers, padding and buffers are far below. */
const TOLERANCE = 0.02;

/**
 * Counts from the Hub's summary. Ties, buffers in floating point and active experts cannot be told from it. Where the
 * files weigh something else than the summary implies (a self-reported total, a packed checkpoint), nothing is counted.
 */
export function countSummary(
  summary: HubSummary,
  fileBytes: number | null,
): { counts: ParameterCounts; notes: readonly Note[] } {
  let stored = 0;
  let total = 0;
  let impliedBytes = 0;
  for (const [dtype, elements] of Object.entries(summary.byDtype)) {
    stored += elements;
    impliedBytes += elements * (DTYPE_BYTES.get(dtype) ?? Number.NaN);
    if (!BUFFER_DTYPES.has(dtype)) total += elements;
  }
  const trusted = fileBytes === null || Math.abs(impliedBytes / fileBytes - 1) <= TOLERANCE;
  const counts: ParameterCounts = {
    total: trusted ? total : null,
    active: null,
    embedding: null,
    stored,
    byDtype: trusted
      ? Object.fromEntries(Object.entries(summary.byDtype).filter(([dtype]) => !BUFFER_DTYPES.has(dtype)))
      : {},
    byRole: null,
  };
  const message = `the Hub counts ${summary.total} parameters, but its files weigh ${fileBytes} bytes; its count is not trusted`;
  return { counts, notes: trusted ? [] : [{ code: "SUMMARY_DOUBTFUL", message }] };
}
