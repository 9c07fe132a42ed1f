/**
 * A file that breaks its own format. The message completes "the file is malformed: …". Parsers know neither model nor
 * file: `inFile` adds the file, and `loadModel` makes it an error of the model.
 */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  /** Null if the error does not concern a single file. */
  readonly path: string | null;

  constructor(message: string, path: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** A file of an unsupported kind that seems intact: its size counts, its tensors are unknown. */
export class UnreadableError extends MalformedError {}

/** Run a parser of a file, and add the file to its error. */
export async function inFile<Result>(path: string, parse: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const Kind = error instanceof UnreadableError ? UnreadableError : MalformedError;
    throw new Kind(error.message, path, { cause: error });
  }
}
