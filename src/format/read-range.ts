/** Reads bytes [begin, end) of one file; resolves to exactly end − begin bytes or rejects. */
export type ReadRange = (begin: number, end: number) => Promise<Uint8Array>;
