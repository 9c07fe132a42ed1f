/**
 * Text of strangers (file names, tensor names, server messages) made safe for a terminal: control characters, among
 * them escape sequences, and the marks that reorder a line, are shown as `\u{1b}`.
 */
export function makePrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** C0 and C1 controls and DEL, line separators, bidirectional overrides and isolates. */
// eslint-disable-next-line no-control-regex -- these are what is replaced
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
