/** Things worth saying about a measurement that did not stop it. A gate may read the code; the sentence is for people. */
export interface Note {
  readonly code: NoteCode;
  readonly message: string;
}

export const NOTE_CODES = [
  "TIED_HEAD_STORED",
  "PACKING_UNKNOWN",
] as const;

export type NoteCode = (typeof NOTE_CODES)[number];
