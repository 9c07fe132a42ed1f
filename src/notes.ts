/** A remark on a measurement that succeeded. Scripts read the code, people the sentence. */
export interface Note {
  readonly code: NoteCode;
  readonly message: string;
}

export const NOTE_CODES = [
  // How the reference was resolved.
  "NAME_RESOLVED",
  "MODEL_RENAMED",
  "LOCAL_FOLDER",
  "TOKEN_REFUSED",
  // Where the figures come from.
  "CACHE_USED",
  "DOWNLOAD_USED",
  "CATALOG_USED",
  "CATALOG_DIFFERS",
  "PUBLISHED_USED",
  "GATED_CATALOG",
  "GATED_SUMMARY",
  "SUMMARY_DOUBTFUL",
  "FILES_ONLY",
  "LFS_POINTER",
  "PACKAGE_DOUBTFUL",
  "PROJECTOR_NOT_COUNTED",
  "BYTES_UNACCOUNTED",
  "ONE_OF_SEVERAL",
  "CONFIG_MISSING",
  "CONFIG_MALFORMED",
  "SHARDS_ORPHANED",
  "COMPONENT_ABSENT",
  "BASE_UNMEASURED",
  "BASE_PARAMETERS",
  // What the files contain.
  "TIED_HEAD_STORED",
  "HEAD_MAYBE_TIED",
  "ACTIVE_UNKNOWN",
  "MTP_COUNTED",
  "FROZEN_STORED",
  "DTYPE_UNKNOWN",
  "PACKING_UNKNOWN",
] as const;

export type NoteCode = (typeof NOTE_CODES)[number];
