/** One run of the program: what commands are given of the world. */
import { EXIT_CODES, type ExitCode } from "../errors.ts";
import type { Progress } from "../api/measure.ts";
import { renderFailure, renderNotes } from "../render/failures.ts";
import type { Look } from "../render/render.ts";
import type { Report } from "../contract/report.ts";
import type { Sources } from "../source/open.ts";
import { parseReference, type Reference } from "../source/reference.ts";
import { connectSources } from "../source/connect.ts";
import type { Fetch } from "../source/hub/http-fetch.ts";
import { choosePaint } from "./color.ts";
import { debugFetch } from "./debug.ts";
import type { Io } from "./io.ts";
import type { OutputOptions, SourceOptions } from "./options.ts";
import { showProgress, type ProgressLine } from "./progress.ts";

/** The width of text that goes to no terminal. */
const DEFAULT_WIDTH = 80;

export interface Session {
  openSources(options: SourceOptions): Promise<Sources>;
  /** Throws INVALID_REFERENCE before anything is asked. */
  parse(reference: string, sources: Sources): Reference;
  /** Shows progress while the work lasts. */
  watch<Result>(work: (hooks: Hooks) => Promise<Result>): Promise<Result>;
  /** To stdout: one line or more; nothing where there is nothing to say. */
  print(text: string): void;
  /** The same, waiting until it has left; false once the reader has left, as `head` does. */
  printLines(text: string): Promise<boolean>;
  /** To stderr: what there is to say about models, and what failed. */
  remark(outcome: Pick<Report, "models" | "failures">, options: OutputOptions): Promise<void>;
  look(options: OutputOptions): Promise<Look>;
  /** Waits for what is still being written. */
  end(): Promise<void>;
  /** A line to stderr; nothing where there is nothing to say. */
  say(line: string): void;
  readonly env: Io["env"];
  readonly stdin: Io["stdin"];
}

/** What a measurement tells while it runs. */
export interface Hooks {
  readonly onProgress: (progress: Progress) => void;
  readonly onBug: (error: unknown) => void;
}

export function startSession(io: Io, fetch?: Fetch): Session {
  let progress: ProgressLine | null = null;
  let sources: Sources | null = null;
  const say = (line: string) => {
    if (line === "") return;
    progress?.clear();
    io.stderr.write(`${line}\n`);
  };
  const debug = (line: string) => say(`debug: ${line}`);

  return {
    say,
    env: io.env,
    stdin: io.stdin,

    async openSources({ debug: wantsDebug = false, ...options }) {
      const { revision, endpoint, offline, timeout, retries, cache = true } = options;
      sources = await connectSources({
        env: io.env,
        flags: { endpoint, offline, timeoutMs: timeout, retries },
        revision,
        fetch,
        listener: {
          onRateLimit: (host, seconds) =>
            say(`note: ${host} limits the rate of requests; waiting ${seconds} s`),
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

    async watch(work) {
      const line = showProgress(io);
      progress = line;
      try {
        return await work({
          onProgress: line.update,
          onBug: (error) => debug(error instanceof Error ? (error.stack ?? error.message) : String(error)),
        });
      } finally {
        line.clear();
        progress = null;
      }
    },

    end: async () => sources?.cache?.settle(),

    print: (text) => void (text === "" || io.stdout.write(`${text}\n`)),

    printLines: (text) => new Promise((resolve) => io.stdout.write(`${text}\n`, (error) => resolve(!error))),

    async remark({ models, failures }, options) {
      const paint = await choosePaint(io.stderr, io.env, options.color);
      for (const line of renderNotes(models, paint)) say(line);
      for (const failure of failures) say(renderFailure(failure, paint));
    },

    async look(options) {
      return {
        width: (io.stdout.isTTY && io.stdout.columns) || DEFAULT_WIDTH,
        paint: await choosePaint(io.stdout, io.env, options.color),
        units: options.units ?? "si",
      };
    },
  };
}

/** The first that applies: a bug, an exceeded budget, a Hub that did not answer, a model that cannot be measured. */
const PRECEDENCE = [
  EXIT_CODES.bug,
  EXIT_CODES.exceeded,
  EXIT_CODES.hub,
  EXIT_CODES.unmeasurable,
] as const satisfies readonly ExitCode[];

/** The exit code of several results, by those of each. */
export function judgeExits(codes: ReadonlySet<ExitCode>): ExitCode {
  return PRECEDENCE.find((code) => codes.has(code)) ?? EXIT_CODES.fine;
}

export function judgeExit({ failures, verdicts }: Pick<Report, "failures" | "verdicts">): ExitCode {
  const ofFailures = failures.map(({ code, retryable }) => {
    if (code === "BUG") return EXIT_CODES.bug;
    return retryable ? EXIT_CODES.hub : EXIT_CODES.unmeasurable;
  });
  const ofVerdicts = verdicts.map(({ outcome }) => VERDICT_CODES[outcome]);
  return judgeExits(new Set([...ofFailures, ...ofVerdicts]));
}

const VERDICT_CODES = {
  passed: EXIT_CODES.fine,
  exceeded: EXIT_CODES.exceeded,
  unknown: EXIT_CODES.unmeasurable,
} as const;
