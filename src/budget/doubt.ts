/** Which notes on a model put a metric in doubt. */
import type { NoteCode } from "../notes.ts";
import type { ModelReport } from "../contract/types.ts";

/** The part of a model that a metric measures: the stored files, the weights, or the weights that one token uses. */
export type Scope = "files" | "weights" | "active";

interface Doubt {
  readonly scope: Exclude<Scope, "files">;
  /** `atMost`: the true value may be lower, so a pass is certain and an excess is not. */
  readonly effect: "unknown" | "atMost";
}

const UNKNOWN = { scope: "weights", effect: "unknown" } as const;

/** Null for notes that cast no doubt. Every code has a row, so that none is forgotten. */
const DOUBTS = {
  NAME_RESOLVED: null,
  MODEL_RENAMED: null,
  LOCAL_FOLDER: null,
  TOKEN_REFUSED: null,
  CACHE_USED: null,
  DOWNLOAD_USED: null,
  CATALOG_USED: null,
  CATALOG_DIFFERS: null,
  PUBLISHED_USED: null,
  GATED_CATALOG: null,
  // Its total is judged as a prediction: meta-llama/Llama-3.1-8B without a token.
  GATED_SUMMARY: { scope: "active", effect: "unknown" },
  SUMMARY_DOUBTFUL: UNKNOWN,
  FILES_ONLY: UNKNOWN,
  LFS_POINTER: UNKNOWN,
  // The files themselves are judged by the doubt of `published`.
  PACKAGE_DOUBTFUL: UNKNOWN,
  PROJECTOR_NOT_COUNTED: null,
  BYTES_UNACCOUNTED: UNKNOWN,
  // The note says which was measured, and that one is certain.
  ONE_OF_SEVERAL: null,
  // Where these matter, there is also HEAD_MAYBE_TIED or ACTIVE_UNKNOWN.
  CONFIG_MISSING: null,
  CONFIG_MALFORMED: null,
  // A loader follows the index and ignores them, too.
  SHARDS_ORPHANED: null,
  // The pipeline has more weights than were found.
  COMPONENT_ABSENT: UNKNOWN,
  BASE_UNMEASURED: null,
  // A card is its author's word; sizes of files are judged without it.
  BASE_PARAMETERS: UNKNOWN,
  TIED_HEAD_STORED: null,
  // Counted as its own weights; there are fewer if it is a copy of the embedding.
  HEAD_MAYBE_TIED: { scope: "weights", effect: "atMost" },
  ACTIVE_UNKNOWN: { scope: "active", effect: "unknown" },
  // Stored, and so part of the download: the multi-token prediction layer of deepseek-ai/DeepSeek-V3.
  MTP_COUNTED: null,
  FROZEN_STORED: null,
  DTYPE_UNKNOWN: UNKNOWN,
  // Stored elements are counted, an eighth of the parameters of a 4-bit checkpoint.
  PACKING_UNKNOWN: UNKNOWN,
} as const satisfies Record<NoteCode, Doubt | null>;

/** Find the most serious doubt about a metric; null without any. */
export function findDoubt(
  scope: Scope,
  { notes }: Pick<ModelReport, "notes">,
): { readonly effect: Doubt["effect"]; readonly message: string } | null {
  if (scope === "files") return null;
  const doubts = notes.flatMap(({ code, message }) => {
    const doubt: Doubt | null = DOUBTS[code];
    // Doubt about the weights is doubt about the active ones; not the other way round.
    return doubt && (doubt.scope === "weights" || scope === "active")
      ? [{ effect: doubt.effect, message }]
      : [];
  });
  return doubts.find(({ effect }) => effect === "unknown") ?? doubts[0] ?? null;
}
