import type { PackageDoubtCode } from "../../contract/terms.ts";

/** Why the bytes of a package may not be the model's. */
export interface PackageDoubt {
  readonly code: PackageDoubtCode;
  /** A clause without a full stop: what is in doubt, and what to do. */
  readonly message: string;
  /** The most bytes that the model can have, with everything in doubt counted in; null where there is no bound. */
  readonly atMostBytes: number | null;
}
