/** Options that say which models a run measures: those on the command line, and those of a list. */
import { InvalidArgumentError, type Command } from "commander";
import type { InvalidReference } from "../api/measure.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Sources } from "../source/sources.ts";
import type { Reference } from "../source/reference.ts";
import type { CliContext } from "./context.ts";
import type { CommonOptions } from "./options.ts";

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

/** The Hub's limits last five minutes (huggingface.co/docs/hub/rate-limits), and a long list meets them. */
const LIST_TIMEOUT_MS = 15 * 60_000;

/** Give each model of a list more time, unless --timeout says how much. */
export function withListTimeout<Options extends ListOptions & CommonOptions>(options: Options): Options {
  return options.from === undefined ? options : { timeout: LIST_TIMEOUT_MS, ...options };
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
  const parse = (text: string) => context.parse(text, sources);
  for (const word of words) parse(word);
  const lines = from === undefined ? [] : await openLines(from, context);
  return pick();

  async function* pick(): AsyncGenerator<Reference | InvalidReference> {
    let count = 0;
    const seen = new Set<string>();
    for await (const text of chain(words, lines)) {
      if (from !== undefined && seen.has(text)) continue;
      seen.add(text);
      if (!shard || count % shard.count === shard.index - 1) yield parseLine(text, parse);
      count++;
    }
    if (count === 0 && from !== undefined)
      throw new LlmSizeError("USAGE", {
        message: `${from === "-" ? "standard input" : from} lists no models`,
      });
  }
}

/** Of an invalid line only what the error says of it may be repeated. */
function parseLine(text: string, parse: (text: string) => Reference): Reference | InvalidReference {
  try {
    return parse(text);
  } catch (error) {
    if (!isFailure(error, "INVALID_REFERENCE")) throw error;
    return { kind: "invalid", text: error.context.reference, error };
  }
}

async function openLines(from: string, { stdin, system }: CliContext): Promise<AsyncIterable<string>> {
  const { openReferenceLines } = await import("../files/reference-list.ts"); // for a list alone
  return openReferenceLines(from, { stdin, cwd: system.cwd });
}

async function* chain<Item>(...parts: (Iterable<Item> | AsyncIterable<Item>)[]): AsyncGenerator<Item> {
  for (const part of parts) yield* part;
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
