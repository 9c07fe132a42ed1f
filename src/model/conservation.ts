/** Counted against stored: names alone never remove a weight from the count. */
import { INTEGER_DTYPES } from "./buffers.ts";
import type { ClassifiedTensors } from "./classify-tensors.ts";
import { sumKnownTrainingBytes } from "./training-state.ts";
import { isIntegerBuffer } from "./packing/unclaimed.ts";

/** Over 455 real models the largest share left out by name is 9.2 %, the causal masks of openai-community/gpt2. */
const MAX_SHARE = 0.1;
/** Integers that are neither a mask nor positions nor an index may be weights, above this share. */
const MAX_INTEGER_SHARE = 0.01;
/** In a model this small nothing hides. */
const MIN_BYTES = 1_000_000;
/** Scales of groups of 16 have a quarter of the bytes of 4-bit weights, with zero points and indexes less than a half. */
const MAX_AUXILIARY_SHARE = 0.5;
/** An encoder-decoder stores its embedding up to four times: shared, encoder, decoder and head. */
const MAX_COPIES = 3;

/** Reasons that are known by more than a name: shared storage, averages of weights, the base of an adapter. */
const KNOWN: ReadonlySet<string> = new Set(["known", "copy", "duplicate", "frozen"]);

/** Judged by rules of their own. */
const OTHERWISE: ReadonlySet<string> = new Set(["tied", "buffer", "training"]);

/**
 * Compare the bytes of counted weights, and of what is known to go with them, with all bytes stored. Return why the count
 * may be too low; null where it adds up. `fileBytes` are those of the files, null where headers alone prove them full.
 */
export function judgeConservation(
  {
    weights,
    excluded,
    countedBytes,
    largestBytes,
  }: Pick<ClassifiedTensors, "weights" | "excluded" | "countedBytes" | "largestBytes">,
  fileBytes: number | null,
): string | null {
  const bytes = new Map<string, number>();
  for (const { tensor, reason, isKnown } of excluded) {
    const kind = isKnown ? "known" : reason;
    // A tied tensor of shared storage adds no bytes.
    if (!tensor.sharedWith) bytes.set(kind, (bytes.get(kind) ?? 0) + tensor.bytes);
  }
  const sumOf = (isWanted: (reason: string) => boolean) =>
    [...bytes].reduce((sum, [reason, own]) => sum + (isWanted(reason) ? own : 0), 0);
  const tied = sumOf((reason) => reason === "tied");
  const training = excluded.flatMap(({ tensor, reason }) =>
    reason === "training" && !tensor.sharedWith ? [tensor] : [],
  );
  const knownTraining = sumKnownTrainingBytes(training, weights);
  const known = sumOf((reason) => KNOWN.has(reason)) + knownTraining;
  const unknownTraining = sumOf((reason) => reason === "training") - knownTraining;
  const buffers = sumOf((reason) => reason === "buffer");
  const auxiliary = sumOf((reason) => !OTHERWISE.has(reason) && !KNOWN.has(reason));
  const integers = excluded.filter(
    ({ tensor, reason }) =>
      reason === "buffer" &&
      INTEGER_DTYPES.has(tensor.dtype) &&
      tensor.bytes >= MIN_BYTES &&
      !isIntegerBuffer(tensor.name),
  );
  const explained =
    countedBytes +
    known +
    Math.min(tied, MAX_COPIES * largestBytes) +
    Math.min(auxiliary, MAX_AUXILIARY_SHARE * countedBytes);
  const stored = countedBytes + known + unknownTraining + tied + auxiliary + buffers;
  const total = Math.max(stored, fileBytes ?? 0);
  const missing = total - explained;
  const integerBytes = integers.reduce((sum, { tensor }) => sum + tensor.bytes, 0);
  if (integerBytes > MAX_INTEGER_SHARE * total)
    return `${integers[0]?.tensor.name.slice(0, 100)} holds integers, and nothing shows that they are not packed weights`;
  if (missing < MIN_BYTES || missing <= MAX_SHARE * total) return null;
  const percent = Math.round((100 * missing) / total);
  const example = excluded.find(({ tensor }) => !tensor.sharedWith)?.tensor.name.slice(0, 100);
  return `${percent} % of the bytes stored are not explained by its weights${example === undefined ? "" : `, such as ${example}`}: the count may be too low`;
}
