/** Options that say which models a run measures: those on the command line, and those of a list. */
import { InvalidArgumentError, type Command } from "commander";
import { parseListed, type InvalidReference } from "../api/measure.ts";
import { LlmSizeError } from "../errors.ts";
import type { Sources } from "../source/sources.ts";
import type { Reference } from "../source/reference.ts";
import type { CliContext } from "./context.ts";

export interface ListOptions {
  readonly from?: string;
  readonly shard?: Shard;
}

/** One part of a list, counted from 1. */
interface Shard {
  readonly index: number;
  readonly count: number;
}

export function addListOptions(command: Command): Command {
  return command
    .optionsGroup("Lists:")
    .option("--from <file>", "read models from a file, one per line; - is standard input")
    .option("--shard <k/n>", "measure only part k of n", parseShard);
}

function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new InvalidArgumentError("Write it as 2/8: the second of eight parts.");
  return { index, count };
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
      if (!shard || count % shard.count === shard.index - 1) yield parseListed(text, sources);
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
