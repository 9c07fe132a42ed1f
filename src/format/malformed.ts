/** A weight file that breaks its own format. The message is one clause that completes "the file is malformed: …". */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}
