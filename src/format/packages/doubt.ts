/** Why the bytes of a package may not be the model's. A figure with a doubt never passes a gate. */
const PACKAGE_DOUBTS = [
  "SEVERAL_MODELS",
  "FILES_UNEXPLAINED",
  "COMPONENT_MISSING",
  "NO_MANIFEST",
  "PARTS_DIFFER",
  "DATA_MISSING",
  "LISTING_CUT",
  "BYTES_UNACCOUNTED",
] as const;
type PackageDoubtCode = (typeof PACKAGE_DOUBTS)[number];

export interface PackageDoubt {
  readonly code: PackageDoubtCode;
  /** A clause without a full stop: what is in doubt, and what to do. */
  readonly message: string;
  /** The most bytes that the model can have, with everything in doubt counted in; null where there is no bound. */
  readonly atMostBytes: number | null;
}

/** Name some of a list: `a, b, c and 4 more`. */
export function listNames(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
