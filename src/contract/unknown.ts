/** A value that is not known, with the reason in words. The one way to not know something, in every room. */
export interface Unknown {
  /** Why it is not known, as a clause without a full stop: "its attention is not known". */
  readonly reason: string;
  readonly isUnknown: true;
}

/** Build an unknown value. */
export function unknown(reason: string): Unknown {
  return { reason, isUnknown: true };
}

/** True for a value built by `unknown`. */
export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "isUnknown" in value;
}
