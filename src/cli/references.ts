/** Which models a run is about: those typed, and those of a list. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { isFailure, LlmSizeError } from "../errors.ts";
import type { InvalidReference } from "../api/measure.ts";
import type { Sources } from "../source/open.ts";
import type { Reference } from "../source/reference.ts";
import type { SourceOptions } from "./options.ts";
import type { Session } from "./session.ts";

export interface ListOptions {
  readonly from?: string;
  readonly shard?: Shard;
}

/** One share of a list, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function addListOptions(command: Command): Command {
  return command
    .optionsGroup("Lists:")
    .option("--from <file>", "models of a file, one on each line; - for standard input")
    .addOption(
      new Option("--shard <k/n>", "the k-th of n shares of the models, for several machines").argParser(
        parseShard,
      ),
    );
}

function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new InvalidArgumentError("Write it as 2/8: the second of eight shares.");
  return { index, count };
}

/** The Hub's limits last five minutes (huggingface.co/docs/hub/rate-limits), and a long list meets them. */
const LIST_TIMEOUT_MS = 15 * 60_000;

/** How long each model of a list may take, where nobody says. */
export function giveListTime<Options extends ListOptions & SourceOptions>(options: Options): Options {
  return options.from === undefined ? options : { timeout: LIST_TIMEOUT_MS, ...options };
}

/**
 * Every model in order, read as it is needed; a list names each once. A share has every n-th, so that the shares are
 * alike in size and together are the whole. A line that names no model costs only itself. Throws INVALID_REFERENCE for
 * a typing error before anything is asked, and USAGE for a list that cannot be read or is empty.
 */
export async function listReferences(
  words: readonly string[],
  { from, shard }: ListOptions,
  sources: Sources,
  session: Session,
): Promise<AsyncIterable<Reference | InvalidReference>> {
  const parse = (text: string) => session.parse(text, sources);
  for (const word of words) parse(word);
  const lines = from === undefined ? [] : await openLines(from, session);
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
        message: `${from === "-" ? "standard input" : from} names no model`,
      });
  }
}

/** Of a line that names no model only what the error says of it may be repeated. */
function parseLine(text: string, parse: (text: string) => Reference): Reference | InvalidReference {
  try {
    return parse(text);
  } catch (error) {
    if (!isFailure(error, "INVALID_REFERENCE")) throw error;
    return { kind: "invalid", text: error.context.reference, error };
  }
}

/** Loaded for a list alone, as all that follows from one. */
async function openLines(from: string, { stdin }: Session): Promise<AsyncIterable<string>> {
  const { openReferenceLines } = await import("../files/reference-list.ts");
  return openReferenceLines(from, stdin);
}

async function* chain<Item>(...parts: (Iterable<Item> | AsyncIterable<Item>)[]): AsyncGenerator<Item> {
  for (const part of parts) yield* part;
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
