/** One run of the program: what commands use of the world outside. */
import { isAbsolute, relative, resolve } from "node:path";
import { getExitCode } from "../api/exit-code.ts";
import type { MeasureOptions } from "../api/measure-options.ts";
import type { Documents } from "../api/measure.ts";
import type { ExitCode } from "../errors.ts";
import { renderFailure, renderNotes } from "../render/messages.ts";
import type { RenderOptions } from "../render/options.ts";
import { makeSafe } from "../render/text.ts";
import { formatDuration } from "../render/units.ts";
import type { Fetch } from "../source/hub/fetch.ts";
import type { RateLimitWait } from "../source/hub/request.ts";
import { parseReference, type Reference } from "../source/reference.ts";
import { findHome, type System } from "../source/settings.ts";
import { connectSources } from "../source/connect.ts";
import type { Sources } from "../source/sources.ts";
import type { CommonOptions, OutputOptions } from "./options.ts";
import { choosePaint, showProgress, type Process, type ProgressLine } from "./terminal.ts";

/** The Hub's limits last five minutes (huggingface.co/docs/hub/rate-limits), and a long list meets them. */
const LIST_TIMEOUT_MS = 15 * 60_000;

/** The width of text that does not go to a terminal. */
const DEFAULT_WIDTH = 80;

/** Called while models are measured. */
type Hooks = Required<Pick<MeasureOptions, "onFile" | "onBug">>;

/** The part of a document that is printed to stderr, and that decides the exit code. */
interface Printed extends Pick<Documents, "failures"> {
  readonly models: readonly Pick<Documents["models"][number], "id" | "notes">[];
}

export class CliContext {
  readonly system: System;
  #process: Process;
  #fetch: Fetch | undefined;
  #progress: ProgressLine | null = null;
  /** How many models are measured; null where that is not known, as of a list that is read line by line. */
  #modelCount: number | null = null;
  #sources: Sources | null = null;

  constructor(process: Process, fetch?: Fetch) {
    this.system = { env: process.env, cwd: process.cwd(), home: findHome() };
    this.#process = process;
    this.#fetch = fetch;
  }

  get stdin(): Process["stdin"] {
    return this.#process.stdin;
  }

  /** The file descriptor of stdout; null where it is not a file. */
  get stdoutFd(): number | null {
    return this.#process.stdout.fd ?? null;
  }

  /** Connect the sources. Each model of a list has more time, unless --timeout says how much. */
  async openSources(options: CommonOptions & { readonly from?: string }): Promise<Sources> {
    const { revision, endpoint, offline, retries, cache = true, debug: isDebug = false } = options;
    const { timeout = options.from === undefined ? undefined : LIST_TIMEOUT_MS } = options;
    const debug = (line: string) => this.log(`debug: ${line}`);
    this.#sources = await connectSources({
      system: this.system,
      flags: { endpoint, offline, timeoutMs: timeout, retries },
      revision,
      fetch: this.#fetch,
      listener: {
        onRateLimit: (wait) => this.log(formatRateLimit(wait, this.#modelCount)),
        ...(isDebug && {
          onRetry: ({ message }, delayMs) => debug(`${message}; again in ${Math.round(delayMs)} ms`),
        }),
      },
      ...(isDebug && { watchFetch: (fetch: Fetch) => debugFetch(fetch, debug), debug }),
      useCache: cache,
    });
    return this.#sources;
  }

  /** Parse a reference. Throws INVALID_REFERENCE before anything is fetched. */
  parse(text: string, { hub }: Sources): Reference {
    return parseReference(text, hub.settings.endpoint);
  }

  /** Show progress while the work lasts. */
  async withProgress<Result>(
    work: (hooks: Hooks) => Promise<Result>,
    modelCount: number | null = null,
  ): Promise<Result> {
    const line = showProgress(this.#process);
    this.#modelCount = modelCount;
    this.#progress = line;
    try {
      return await work({ onFile: line.update, onBug: (error) => this.log(`debug: ${formatBug(error)}`) });
    } finally {
      line.clear();
      this.#progress = null;
    }
  }

  /** Print a document, and notes and failures of its models; return the exit code. */
  async finish(text: string, documents: Printed, options: OutputOptions): Promise<ExitCode> {
    this.print(text);
    await this.printNotes(documents, options);
    return getExitCode(documents);
  }

  /** Print to stdout: one line or more; nothing for an empty text. */
  print(text: string): void {
    if (text !== "") this.#process.stdout.write(`${makeSafe(text)}\n`);
  }

  /** Print commands that GitHub's runner follows. What they quote is escaped already. */
  printCommands(stream: "stdout" | "stderr", commands: string): void {
    if (commands !== "") this.#process[stream].write(`${commands}\n`);
  }

  /** Turn a path of the working directory into one of the repository's root, where GitHub looks for annotated files. */
  readonly toRepositoryPath = (path: string): string => {
    const { env, cwd } = this.system;
    const root = env["GITHUB_WORKSPACE"];
    if (!root) return path;
    const within = relative(root, resolve(cwd, path)).replaceAll("\\", "/");
    return within.startsWith("../") || isAbsolute(within) ? path : within;
  };

  /** Print and wait until the text has left; false once the reader has left, as `head` does. */
  printLines(text: string): Promise<boolean> {
    return new Promise((settle) =>
      this.#process.stdout.write(`${makeSafe(text)}\n`, (error) => settle(!error)),
    );
  }

  /** Print notes and failures of models to stderr. */
  async printNotes({ models, failures }: Printed, { color }: OutputOptions): Promise<void> {
    const paint = await choosePaint(this.#process.stderr, this.system.env, color);
    for (const line of renderNotes(models, paint)) this.log(line);
    for (const failure of failures) this.log(renderFailure(failure, paint));
  }

  /** Print a line to stderr; nothing for an empty one. */
  log(line: string): void {
    if (line === "") return;
    this.#progress?.clear();
    this.#process.stderr.write(`${makeSafe(line)}\n`);
  }

  async getRenderOptions({ color, units = "si", bars }: OutputOptions): Promise<RenderOptions> {
    const { stdout } = this.#process;
    const isTerminal = stdout.isTTY === true;
    const width = (isTerminal && stdout.columns) || DEFAULT_WIDTH;
    return { width, paint: await choosePaint(stdout, this.system.env, color), units, isTerminal, bars };
  }

  /** Wait for what is still being written. */
  async end(): Promise<void> {
    await this.#sources?.flush();
  }
}

function formatRateLimit({ host, seconds, policy }: RateLimitWait, modelCount: number | null): string {
  const wait = `note: ${host} limits the rate of requests`;
  if (!policy) return `${wait}; waiting ${seconds} s`;
  // A model takes one request or more. Those of the first window are not waited for.
  const windows = modelCount === null ? 0 : Math.ceil(modelCount / policy.requests) - 1;
  const whole =
    windows > 0 ? `; ${modelCount} models take ${formatDuration(windows * policy.seconds)} or more` : "";
  return `${wait} (it takes ${policy.requests} in ${formatDuration(policy.seconds)}); waiting ${seconds} s${whole}`;
}

function formatBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
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
