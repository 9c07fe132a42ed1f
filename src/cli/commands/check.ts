import { InvalidArgumentError, Option, type Command } from "commander";
import { addOutputOptions, addSourceOptions, type OutputOptions, type SourceOptions } from "../options.ts";
import { parseReporter, REPORTERS, type Reporter } from "../reporters.ts";
import { addMemoryOptions, type MemoryOptions } from "../memory-options.ts";
import { addListOptions, type ListOptions } from "../references.ts";
import type { Choose } from "../request.ts";

/** Flags of limits: the rule each sets, and what may follow. */
const LIMIT_FLAGS = [
  ["maxSize", "--max-size <size>", "download at --quant, or as published (1.5GB)"],
  ["maxPublished", "--max-published <size>", "download of the weights as published"],
  ["maxParams", "--max-params <count>", "parameters (3B, 350M)"],
  ["maxActive", "--max-active <count>", "parameters that one token uses"],
  ["maxClass", "--max-class <class>", "size class (7B, 8x7B)"],
  ["maxGrowth", "--max-growth <percent>", "growth since the lock file was written (2%)"],
  ["maxMemory", "--max-memory <size>", "weights, cache and the rest: 8GB, or a device: iphone-16"],
  ["maxDownloadTime", "--max-download-time <time>", "of the weights at --bandwidth (30s, 2min)"],
] as const;

export interface CheckOptions extends OutputOptions, SourceOptions, ListOptions, MemoryOptions {
  readonly format?: "text" | "markdown" | "json";
  readonly quant?: string;
  readonly bandwidth?: string;
  readonly limits: Readonly<Partial<Record<(typeof LIMIT_FLAGS)[number][0], string>>>;
  readonly config?: string;
  readonly lock?: string;
  readonly update?: boolean;
  readonly reporter?: readonly Reporter[];
}

const HELP = `
Examples:
  llm-size check gemma-2b --quant int4 --max-size 1.5GB
  llm-size check gemma-2b --quant int4 --max-memory iphone-16 --context 8k
  llm-size check            budgets of llm-size.config.json or package.json
  llm-size check --update   accept what the models are now (llm-size.lock.json)
  llm-size check --reporter junit:report.xml --reporter text

Equal to a limit passes. What is not known never passes: exit code 3 or 4.`;

/** `llm-size check`: budgets from flags or a config file, verdicts, an exit code. */
export function addCheckCommand(program: Command, choose: Choose): void {
  const command = program
    .command("check")
    .description("hold models against budgets: exit code 0 within, 1 over, 3 or 4 not known")
    .argument("[model...]", "as for llm-size itself; those of the config file when left out")
    .optionsGroup("Budget:");
  for (const [, flag, description] of LIMIT_FLAGS)
    command.addOption(new Option(flag, description).argParser(refuseOption));
  addMemoryOptions(
    command.addOption(
      new Option("--quant <name>", "what sizes are judged at: int4, Q4_K_M …").argParser(refuseOption),
    ),
    "Budget:",
  )
    .addOption(new Option("--bandwidth <speed>", "50Mbps, 6MB/s, 4g, broadband …").argParser(refuseOption))
    .addOption(new Option("--config <file>", "the config file").argParser(refuseOption))
    .addOption(new Option("--lock <file>", "lock file (default: llm-size.lock.json)").argParser(refuseOption))
    .option("--update", "write the lock file: accept what the models measure now")
    .addOption(
      new Option(
        "--reporter <name[:file]>",
        `print as ${REPORTERS.join(", ")}, into a file where one is named; repeatable`,
      ).argParser((text, previous: readonly Reporter[] = []) => [...previous, parseReporter(text)]),
    )
    .action((references: string[], _: unknown, self: Command) => {
      const given = self.optsWithGlobals<CheckOptions & Record<string, string | undefined>>();
      const limits = Object.fromEntries(
        LIMIT_FLAGS.flatMap(([rule, flag]) => {
          const value = given[nameOption(flag)];
          return value === undefined ? [] : [[rule, value]];
        }),
      );
      choose(async (session) =>
        (await import("./run-check.ts")).runCheck(references, { ...given, limits }, session),
      );
    });
  addListOptions(addSourceOptions(addOutputOptions(command, ["text", "markdown", "json"]))).addHelpText(
    "after",
    HELP,
  );
}

/** `--max-size <size>` is maxSize to commander. */
function nameOption(flag: string): string {
  return flag.slice(2, flag.indexOf(" ")).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function refuseOption(value: string): string {
  if (value.trim() === "" || value.startsWith("--")) throw new InvalidArgumentError("A value is missing.");
  return value;
}
