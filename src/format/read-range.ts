/** Read bytes [begin, end) of one file; resolve to exactly end − begin bytes, or reject. */
export type ReadRange = (begin: number, end: number) => Promise<Uint8Array>;
