/** Options that say which models a run measures: those on the command line, and those of a list. */
import { InvalidArgumentError, type Command } from "commander";
import { LlmSizeError } from "../errors.ts";
import type { Sources } from "../source/sources.ts";
import { parseListed, type InvalidReference, type Reference } from "../source/reference.ts";
import type { CliContext } from "./context.ts";

export interface ListOptions {
  readonly from?: string;
  readonly shard?: Shard;
}

/** One part of a list; the index counts from 0. */
interface Shard {
  readonly index: number;
  readonly count: number;
}

export function addListOptions(command: Command): Command {
  return command
    .optionsGroup("Lists:")
    .option("--from <file>", "read models from a file, one per line; - is standard input")
    .option("--shard <k/n>", "measure only part k of n; index:0/8 counts from 0", parseShard);
}

/** Parse `2/8`, which counts from 1, or `index:1/8` with the index of a Kubernetes or SLURM job, which counts from 0. */
function parseShard(text: string): Shard {
  const [, zeroBased, number = "", parts = ""] = /^(index:)?(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const count = Number(parts);
  const index = Number(number) - (zeroBased === undefined ? 1 : 0);
  if (index >= 0 && index < count) return { index, count };
  throw new InvalidArgumentError(
    index === -1 && count > 0
      ? `Parts count from 1: write 1/${count} for the first, or index:0/${count} for an index that counts from 0.`
      : "Write it as 2/8, the second of eight parts; index:1/8 is the same part for an index that counts from 0.",
  );
}

/**
 * Read every model in order, as it is needed; a list gives each once. A part has every n-th, so that the parts are
 * alike in size and together are the whole. An invalid line costs only itself. Throws INVALID_REFERENCE for an invalid
 * word of the command line before anything is fetched, and USAGE for a list that cannot be read or is empty.
 */
export async function readReferences(
  words: readonly string[],
  { from, shard }: ListOptions,
  { context, sources }: { readonly context: CliContext; readonly sources: Sources },
): Promise<AsyncIterable<Reference | InvalidReference>> {
  for (const word of words) context.parse(word, sources);
  const lines = from === undefined ? null : await openLines(from, context);
  return pick();

  async function* pick(): AsyncGenerator<Reference | InvalidReference> {
    let count = 0;
    const seen = new Set<string>();
    for await (const text of listTexts(words, lines)) {
      if (from !== undefined && seen.has(text)) continue;
      seen.add(text);
      if (!shard || count % shard.count === shard.index)
        yield parseListed(text, sources.hub.settings.endpoint);
      count++;
    }
    if (count === 0 && from !== undefined)
      throw new LlmSizeError("USAGE", {
        message: `${from === "-" ? "standard input" : from} lists no models`,
      });
  }
}

/** The words of the command line, then the lines of a list. */
async function* listTexts(words: readonly string[], lines: AsyncIterable<string> | null) {
  yield* words;
  if (lines) yield* lines;
}

async function openLines(from: string, { stdin, system }: CliContext): Promise<AsyncIterable<string>> {
  const { openReferenceLines } = await import("../files/reference-list.ts"); // for a list alone
  return openReferenceLines(from, { stdin, cwd: system.cwd });
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
