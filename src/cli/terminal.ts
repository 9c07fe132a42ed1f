/** The process that runs the program, and its terminal: colors and one line of progress. */
import { PLAIN, type Paint } from "../render/options.ts";
import { isSet } from "../source/settings.ts";

/** The part of node's process that the program uses; a test passes its own. */
export interface Process {
  /** As in node: the program's arguments begin with the third. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Return the working directory. */
  cwd(): string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** The file descriptor. */
  readonly fd?: number;
  /** `written` is called once the text has left, or with the error that kept it. */
  write(text: string, written?: (error?: Error | null) => void): unknown;
}

/** Return the colors for a stream. chalk is loaded only where it is used: it knows neither NO_COLOR nor a second stream. */
export async function choosePaint(
  stream: OutputStream,
  env: Process["env"],
  flag: boolean | undefined,
): Promise<Paint> {
  if (!wantsColor(stream, env, flag)) return PLAIN;
  const { Chalk } = await import("chalk");
  return new Chalk({ level: 1 });
}

/** Flags beat FORCE_COLOR, which beats NO_COLOR (https://no-color.org: any value but empty), which beats the terminal. */
export function wantsColor(stream: OutputStream, env: Process["env"], flag: boolean | undefined): boolean {
  if (flag !== undefined) return flag;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"]) return false;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** Back to the start of the line, and clear it. */
const ERASE_LINE = "\r\u001b[2K";

export interface ProgressLine {
  /** Count one more weight file as known, or as read. */
  update(step: "known" | "read"): void;
  /** Erase the line, for good or until the next update. */
  clear(): void;
}

/** Show one line on stderr while files are read: only on a terminal, and erased when done. */
export function showProgress({ stderr, env }: Pick<Process, "stderr" | "env">): ProgressLine {
  if (stderr.isTTY !== true || env["TERM"] === "dumb" || isSet(env["HF_HUB_DISABLE_PROGRESS_BARS"]))
    return { update: () => {}, clear: () => {} };
  const files = { known: 0, read: 0 };
  stderr.write("asking the Hub …");
  return {
    update(step) {
      files[step]++;
      stderr.write(`${ERASE_LINE}reading headers: ${files.read} of ${files.known} files`);
    },
    clear: () => void stderr.write(ERASE_LINE),
  };
}
