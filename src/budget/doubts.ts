/** Which notes on a measurement leave a gate in doubt, about what, and how far. */
import type { Note, NoteCode } from "../notes.ts";
import type { ModelReport } from "../contract/report.ts";

/** What a figure is of: the files as they lie, the weights in them, the weights that one token uses. */
export type FigureSubject = "files" | "weights" | "active";

interface Doubt {
  readonly about: "weights" | "active";
  /** `atMost`: the truth may be less, so that a pass is sure and an excess is not. */
  readonly effect: "unknown" | "atMost";
}

const UNKNOWN = { about: "weights", effect: "unknown" } as const;

/** Null: the figures stand. Every code has a row, so that a new note cannot slip past the gate unjudged. */
const DOUBTS = {
  NAME_RESOLVED: null,
  MODEL_RENAMED: null,
  LOCAL_FOLDER: null,
  TOKEN_REFUSED: null,
  CACHE_USED: null,
  DOWNLOAD_USED: null,
  CATALOG_USED: null,
  CATALOG_DIFFERS: null,
  GATED_CATALOG: null,
  // Its counts are judged as the predictions they are; meta-llama/Llama-3.1-8B without a token.
  GATED_SUMMARY: { about: "active", effect: "unknown" },
  SUMMARY_DOUBTFUL: UNKNOWN,
  FILES_ONLY: UNKNOWN,
  // Which of them was measured is said, and that one is sure.
  ONE_OF_SEVERAL: null,
  // Where these matter, HEAD_MAYBE_TIED or ACTIVE_UNKNOWN stands beside them.
  CONFIG_MISSING: null,
  CONFIG_MALFORMED: null,
  // A loader follows the index and leaves them, too.
  SHARDS_ORPHANED: null,
  // A pipeline is more than what was found of it.
  COMPONENT_ABSENT: UNKNOWN,
  BASE_UNMEASURED: null,
  TIED_HEAD_STORED: null,
  // Counted as weights of its own; if it is a copy of the embedding, there are fewer.
  HEAD_MAYBE_TIED: { about: "weights", effect: "atMost" },
  ACTIVE_UNKNOWN: { about: "active", effect: "unknown" },
  // Stored, and so part of the download: the multi-token prediction layer of deepseek-ai/DeepSeek-V3.
  MTP_COUNTED: null,
  DTYPE_UNKNOWN: UNKNOWN,
  // Stored elements are counted, an eighth of the parameters of a 4-bit checkpoint.
  PACKING_UNKNOWN: UNKNOWN,
} as const satisfies Record<NoteCode, Doubt | null>;

/** The gravest doubt about a figure of a model; null where there is none. */
export function findDoubt(
  subject: FigureSubject,
  { notes }: Pick<ModelReport, "notes">,
): { readonly effect: Doubt["effect"]; readonly note: Note } | null {
  if (subject === "files") return null;
  const doubts = notes.flatMap((note) => {
    const doubt: Doubt | null = DOUBTS[note.code];
    // Weights in doubt leave the active ones in doubt; not the other way round.
    return doubt && (doubt.about === "weights" || subject === "active")
      ? [{ effect: doubt.effect, note }]
      : [];
  });
  return doubts.find(({ effect }) => effect === "unknown") ?? doubts[0] ?? null;
}
