/** One run of the program: what commands use of the world outside. */
import type { Documents, MeasureOptions } from "../api/measure.ts";
import type { Report } from "../contract/report.ts";
import { EXIT_CODES, type ExitCode } from "../errors.ts";
import { renderFailure, renderNotes } from "../render/failures.ts";
import type { Look } from "../render/render.ts";
import type { Fetch } from "../source/hub/http-fetch.ts";
import { parseReference, type Reference } from "../source/reference.ts";
import { findHome, type System } from "../source/settings.ts";
import { connectSources, type Sources } from "../source/sources.ts";
import type { OutputOptions, SourceOptions } from "./options.ts";
import { choosePaint, showProgress, type Process, type ProgressLine } from "./terminal.ts";

/** The width of text that does not go to a terminal. */
const DEFAULT_WIDTH = 80;

export interface CliContext extends Pick<Process, "stdin"> {
  readonly system: System;
  /** The file descriptor of stdout; null where it is not a file. */
  readonly stdoutFd: number | null;
  openSources(options: SourceOptions): Promise<Sources>;
  /** Throws INVALID_REFERENCE before anything is fetched. */
  parse(reference: string, sources: Sources): Reference;
  /** Show progress while the work lasts. */
  withProgress<Result>(work: (hooks: Hooks) => Promise<Result>): Promise<Result>;
  /** Print to stdout: one line or more; nothing for an empty text. */
  print(text: string): void;
  /** Print and wait until the text has left; false once the reader has left, as `head` does. */
  printLines(text: string): Promise<boolean>;
  /** Print notes and failures of models to stderr. */
  printNotes(documents: Documents, options: OutputOptions): Promise<void>;
  /** Print a line to stderr; nothing for an empty one. */
  log(line: string): void;
  getRenderOptions(options: OutputOptions): Promise<Look>;
  /** Wait for what is still being written. */
  end(): Promise<void>;
}

/** Called while models are measured. */
export type Hooks = Required<Pick<MeasureOptions, "onFile" | "onBug">>;

export function createContext(process: Process, fetch?: Fetch): CliContext {
  const { env, stdin, stdout, stderr } = process;
  const system = { env, cwd: process.cwd(), home: findHome() };
  let progress: ProgressLine | null = null;
  let sources: Sources | null = null;
  const log = (line: string) => {
    if (line === "") return;
    progress?.clear();
    stderr.write(`${line}\n`);
  };
  const debug = (line: string) => log(`debug: ${line}`);

  return {
    system,
    stdoutFd: stdout.fd ?? null,
    stdin,
    log,

    async openSources({ debug: wantsDebug = false, ...options }) {
      const { revision, endpoint, offline, timeout, retries, cache = true } = options;
      sources = await connectSources({
        system,
        flags: { endpoint, offline, timeoutMs: timeout, retries },
        revision,
        fetch,
        listener: {
          onRateLimit: (host, seconds) =>
            log(`note: ${host} limits the rate of requests; waiting ${seconds} s`),
          ...(wantsDebug && {
            onRetry: ({ message }, delayMs) => debug(`${message}; again in ${Math.round(delayMs)} ms`),
          }),
        },
        ...(wantsDebug && { watchFetch: (watched: Fetch) => debugFetch(watched, debug), debug }),
        useCache: cache,
      });
      return sources;
    },

    parse: (text, { hub }) => parseReference(text, hub.settings.endpoint),

    async withProgress(work) {
      const line = showProgress(process);
      progress = line;
      try {
        return await work({
          onFile: line.update,
          onBug: (error) => debug(error instanceof Error ? (error.stack ?? error.message) : String(error)),
        });
      } finally {
        line.clear();
        progress = null;
      }
    },

    print: (text) => void (text === "" || stdout.write(`${text}\n`)),

    printLines: (text) => new Promise((resolve) => stdout.write(`${text}\n`, (error) => resolve(!error))),

    async printNotes({ models, failures }, { color }) {
      const paint = await choosePaint(stderr, env, color);
      for (const line of renderNotes(models, paint)) log(line);
      for (const failure of failures) log(renderFailure(failure, paint));
    },

    async getRenderOptions({ color, units = "si" }) {
      const width = (stdout.isTTY && stdout.columns) || DEFAULT_WIDTH;
      return { width, paint: await choosePaint(stdout, env, color), units };
    },

    end: async () => sources?.cache?.flush(),
  };
}

/** Log each request and its answer. Of a signed address only the path is shown; headers, and so the token, never. */
function debugFetch(fetch: Fetch, log: (line: string) => void): Fetch {
  return async (url, init) => {
    const { origin, pathname } = new URL(url);
    const { range } = init.headers;
    const request = `GET ${origin}${pathname}${range ? ` ${range}` : ""}`;
    try {
      const response = await fetch(url, init);
      log(`${request} → ${response.status}`);
      return response;
    } catch (error) {
      log(`${request} → ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
}

/** The first that applies: a bug, an exceeded budget, a Hub that did not answer, a model that cannot be measured. */
const PRECEDENCE = [
  EXIT_CODES.bug,
  EXIT_CODES.exceeded,
  EXIT_CODES.hub,
  EXIT_CODES.unmeasurable,
] as const satisfies readonly ExitCode[];

/** Judge the exit code of several results by those of each. */
export function judgeExits(codes: ReadonlySet<ExitCode>): ExitCode {
  return PRECEDENCE.find((code) => codes.has(code)) ?? EXIT_CODES.fine;
}

export function judgeExit({
  failures,
  verdicts = [],
}: {
  readonly failures: Readonly<Report["failures"]>;
  readonly verdicts?: Readonly<Report["verdicts"]>;
}): ExitCode {
  const ofFailures = failures.map(({ code, retryable }) => {
    if (code === "BUG") return EXIT_CODES.bug;
    return retryable ? EXIT_CODES.hub : EXIT_CODES.unmeasurable;
  });
  return judgeExits(new Set([...ofFailures, ...verdicts.map(({ outcome }) => VERDICT_CODES[outcome])]));
}

const VERDICT_CODES = {
  passed: EXIT_CODES.fine,
  exceeded: EXIT_CODES.exceeded,
  unknown: EXIT_CODES.unmeasurable,
} as const;
