/** One run of the program: what commands are given of the world. */
import { EXIT_CODES, type ExitCode } from "../errors.ts";
import { measureReferences } from "../measure.ts";
import type { Quantization } from "../quant/sizes.ts";
import { renderFailure, renderNotes } from "../report/failures.ts";
import { renderReport, type Look } from "../report/render.ts";
import type { Report } from "../report/schema.ts";
import type { Sources } from "../source/open.ts";
import { parseReference } from "../source/reference.ts";
import { connectHub, type Fetch } from "../source/hub/hub.ts";
import { readSettings } from "../source/settings.ts";
import { readVersion } from "../source/version.ts";
import { choosePaint } from "./color.ts";
import { debugFetch } from "./debug.ts";
import type { Io } from "./io.ts";
import type { OutputOptions, SourceOptions } from "./options.ts";
import { showProgress } from "./progress.ts";

/** The width of text that goes to no terminal. */
const DEFAULT_WIDTH = 80;

export interface Session {
  openSources(options: SourceOptions): Promise<Sources>;
  /** Throws INVALID_REFERENCE before anything is asked. */
  measure(
    references: readonly string[],
    sources: Sources,
    quantizations: readonly Quantization[],
  ): Promise<Report>;
  /** Prints the report to stdout and what there is to say about it to stderr; gives the exit code. */
  present(report: Report, options: OutputOptions): Promise<ExitCode>;
  /** One line or more to stdout. */
  print(text: string): void;
  look(options: OutputOptions): Promise<Look>;
}

export function startSession(io: Io, fetch: Fetch): Session {
  const say = (line: string) => void io.stderr.write(`${line}\n`);
  const debug = (line: string) => say(`debug: ${line}`);

  async function look(options: OutputOptions): Promise<Look> {
    return {
      width: (io.stdout.isTTY && io.stdout.columns) || DEFAULT_WIDTH,
      paint: await choosePaint(io.stdout, io.env, options.color),
      units: options.units ?? "si",
    };
  }

  return {
    async openSources({ endpoint, offline, revision, debug: wantsDebug }) {
      const settings = await readSettings(io.env, { endpoint, offline });
      const hub = connectHub(
        settings,
        wantsDebug ? debugFetch(fetch, debug) : fetch,
        `llm-size/${readVersion()}`,
      );
      return { hub, env: io.env, revision: revision ?? null };
    },

    async measure(references, sources, quantizations) {
      const parsed = references.map((text) => parseReference(text, sources.hub.settings.endpoint));
      const progress = showProgress(io);
      try {
        const onBug = (error: unknown) =>
          debug(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return await measureReferences(parsed, {
          sources,
          quantizations,
          onProgress: progress.update,
          onBug,
        });
      } finally {
        progress.clear();
      }
    },

    async present(report, options) {
      const text = await renderReport(report, options.format ?? "text", await look(options));
      if (text !== "") io.stdout.write(`${text}\n`);
      const paint = await choosePaint(io.stderr, io.env, options.color);
      for (const line of renderNotes(report.models, paint)) say(line);
      for (const failure of report.failures) say(renderFailure(failure, paint));
      return judgeExit(report);
    },

    print: (text) => void io.stdout.write(`${text}\n`),
    look,
  };
}

/** The first that applies: a bug, an exceeded budget, a Hub that did not answer, a model that cannot be measured. */
export function judgeExit({ failures, verdicts }: Report): ExitCode {
  if (failures.some(({ code }) => code === "BUG")) return EXIT_CODES.bug;
  if (verdicts.some(({ outcome }) => outcome === "exceeded")) return EXIT_CODES.exceeded;
  if (failures.some(({ retryable }) => retryable)) return EXIT_CODES.hub;
  return failures.length > 0 ? EXIT_CODES.unmeasurable : EXIT_CODES.fine;
}
