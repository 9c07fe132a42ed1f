/** Options that say how a model is to run. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { CACHE_DTYPES, CACHE_LAYOUTS, type CacheDtype, type CacheLayout } from "../memory/kv-cache.ts";
import { USUAL_CONDITIONS, type Conditions } from "../memory/conditions.ts";
import { MAX_BATCH, parseTokenCount } from "../memory/token-count.ts";

export interface MemoryOptions {
  readonly context?: number;
  readonly batch?: number;
  readonly kvDtype?: CacheDtype;
  readonly layout?: CacheLayout;
}

export function addMemoryOptions(command: Command, group: string): Command {
  return command
    .optionsGroup(group)
    .addOption(
      new Option("--context <tokens>", "context length: 8192, 8k, 128k (4096)").argParser(parseTokens),
    )
    .addOption(new Option("--batch <count>", "sequences at once (1)").argParser(parseBatch))
    .addOption(new Option("--kv-dtype <dtype>", "how the cache is stored (bf16)").choices(CACHE_DTYPES))
    .addOption(
      new Option("--layout <layout>", "full: whole sliding windows, expanded latents").choices(CACHE_LAYOUTS),
    );
}

function parseTokens(text: string): number {
  const tokens = parseTokenCount(text);
  if (tokens === null) throw new InvalidArgumentError("Write it as 8192, 8k or 1m.");
  return tokens;
}

function parseBatch(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_BATCH}.`);
  return Number(text);
}

/** True where any of them was given. */
export function hasMemoryOptions({ context, batch, kvDtype, layout }: MemoryOptions): boolean {
  return [context, batch, kvDtype, layout].some((value) => value !== undefined);
}

/** The usual conditions, but for what was given. */
export function readConditions({
  context = USUAL_CONDITIONS.context,
  batch = USUAL_CONDITIONS.batch,
  kvDtype = USUAL_CONDITIONS.kvDtype,
  layout = USUAL_CONDITIONS.layout,
}: MemoryOptions): Conditions {
  return { context, batch, kvDtype, layout };
}
