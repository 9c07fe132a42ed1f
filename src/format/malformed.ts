/** A weight file that breaks its own format. The message is one clause that completes "the file is malformed: …". */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** A file that is whole as far as is known, of a kind that is not read: its size counts, its tensors are unknown. */
export class UnreadableError extends MalformedError {}
