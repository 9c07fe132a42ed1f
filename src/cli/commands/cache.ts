/** `llm-size cache`: what is kept on this disk between runs. */
import { Argument, Option } from "commander";
import { startReport } from "../../api/measure.ts";
import { parseQuantity } from "../../contract/quantities.ts";
import type { CacheReport } from "../../contract/types.ts";
import { LlmSizeError } from "../../errors.ts";
import { renderJson } from "../../render/json.ts";
import { formatBytes } from "../../render/units.ts";
import { findCacheFolder } from "../../source/settings.ts";
import {
  CACHE_LIMIT_BYTES,
  clearCache,
  measureCache,
  pruneCache,
  type CacheSize,
} from "../../source/cache/housekeeping.ts";
import type { CliCommand } from "../command.ts";
import { addOutputOptions, type OutputOptions } from "../options.ts";

/** Each action returns what it removed. */
const ACTIONS = {
  show: async () => null,
  prune: pruneCache,
  clear: clearCache,
} satisfies Record<string, (folder: string, maxBytes: number) => Promise<CacheSize | null>>;
const ACTION_NAMES = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[];

export const definition: CliCommand<OutputOptions & { readonly maxSize?: string }> = {
  addOptions(command) {
    command
      .addArgument(new Argument("[action]", "what to do").choices(ACTION_NAMES).default("show", "show"))
      .addOption(new Option("--max-size <size>", "how much prune keeps, such as 50MB (default: 256MB)"));
    addOutputOptions(command, ["text", "json"]);
  },

  commonOptions: "--max-size --json",

  examples: `
  llm-size cache
  llm-size cache prune --max-size 50MB
  llm-size cache clear`,

  details: `

The cache has headers and configs of models at a commit, which never change.
Its folder is LLM_SIZE_CACHE, or else llm-size in XDG_CACHE_HOME or ~/.cache.
A run with --no-cache does not use it.`,

  async run([word = "show"], { maxSize, format, ...output }, context) {
    const action = ACTION_NAMES.find((known) => known === word) ?? "show";
    if (maxSize !== undefined && action !== "prune")
      throw new LlmSizeError("USAGE", {
        message: "--max-size is for prune",
        hint: "llm-size cache prune --max-size 50MB",
      });
    const maxBytes = maxSize === undefined ? CACHE_LIMIT_BYTES : parseQuantity(maxSize, "bytes");
    const folder = findCacheFolder(context.system);
    if (folder === null)
      throw new LlmSizeError("USAGE", {
        message: "there is no home folder for the cache",
        hint: "set LLM_SIZE_CACHE to a folder",
      });
    const removed = await ACTIONS[action](folder, maxBytes);
    const size = await measureCache(folder);
    const { units } = await context.getRenderOptions(output);
    const formatSize = ({ entries, bytes }: CacheSize) =>
      `${entries} ${entries === 1 ? "model" : "models"} in ${formatBytes(bytes, units)}`;
    const text = [
      ...(removed ? [`removed ${formatSize(removed)}`] : []),
      `${folder}: ${formatSize(size)}, of at most ${formatBytes(CACHE_LIMIT_BYTES, units)}`,
    ].join("\n");
    const report: CacheReport = {
      ...startReport(),
      cache: { folder, ...size, maxBytes: CACHE_LIMIT_BYTES, removed },
    };
    context.print(format === "json" ? renderJson(report) : text);
    return 0;
  },
};
