import type { Progress } from "../api/measure.ts";
import { isSet } from "../source/settings.ts";
import type { Io } from "./io.ts";

/** Back to the start of the line, and clear it. */
const ERASE_LINE = "\r\u001b[2K";

export interface ProgressLine {
  update(progress: Progress): void;
  /** Takes the line away, for good or until the next update. */
  clear(): void;
}

/** One line on stderr while files are read: only on a terminal, and gone when done. */
export function showProgress({ stderr, env }: Pick<Io, "stderr" | "env">): ProgressLine {
  if (stderr.isTTY !== true || env["TERM"] === "dumb" || isSet(env["HF_HUB_DISABLE_PROGRESS_BARS"]))
    return { update: () => {}, clear: () => {} };
  stderr.write("asking the Hub …");
  return {
    update: ({ read, known }) => void stderr.write(`${ERASE_LINE}reading headers: ${read} of ${known} files`),
    clear: () => void stderr.write(ERASE_LINE),
  };
}
