import { Argument, Option, type Command } from "commander";
import { addOutputOptions, type OutputOptions } from "../options.ts";
import type { Choose } from "../request.ts";

const CACHE_ACTIONS = ["show", "prune", "clear"] as const;
export type CacheAction = (typeof CACHE_ACTIONS)[number];

export interface CacheOptions extends OutputOptions {
  readonly format?: "text" | "json";
  readonly maxSize?: string;
}

const HELP = `
Kept are headers and configs of models at a commit, which never change. The
folder is LLM_SIZE_CACHE, else llm-size in XDG_CACHE_HOME or ~/.cache;
--no-cache does without.`;

/** `llm-size cache`: what is kept on this disk between runs. */
export function addCacheCommand(program: Command, choose: Choose): void {
  const command = program
    .command("cache")
    .description("show, prune or clear what is kept of the Hub on this disk")
    .addArgument(
      new Argument("[action]", "what to do with it").choices(CACHE_ACTIONS).default("show", "show"),
    )
    .addOption(new Option("--max-size <size>", "how much prune leaves: 50MB (256MB)"))
    .action((action: CacheAction, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<CacheOptions>();
      choose(async (session) => (await import("./run-cache.ts")).runCache(action, options, session));
    });
  addOutputOptions(command, ["text", "json"]).addHelpText("after", HELP);
}
