/** A model of the Hub as it was asked for. */
export interface Asked {
  readonly id: string;
  /** Null for the newest. */
  readonly revision: string | null;
  /** The one file that was meant; null for the model as a whole. */
  readonly path: string | null;
}
