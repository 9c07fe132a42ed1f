/** The part of a process that the program uses; a test hands in its own. */
export interface Io {
  /** As node has it: the program's arguments begin with the third. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** `written` is called once the text has left, or with the reason why it never will. */
  write(text: string, written?: (error?: Error | null) => void): unknown;
}
