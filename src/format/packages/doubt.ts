import type { PackageDoubtCode } from "../../contract/terms.ts";

/** Why the bytes of a package may not be the model's. */
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
