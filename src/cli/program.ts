/** What a person may type. Reads a command line into a request; does nothing else. */
import { Command, CommanderError } from "commander";
import { LlmSizeError } from "../errors.ts";
import { readVersion } from "../source/version.ts";
import { addCacheCommand } from "./commands/cache.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addCompareCommand } from "./commands/compare.ts";
import type { Request } from "./request.ts";
import { addDiffCommand } from "./commands/diff.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addFitCommand } from "./commands/fit.ts";
import { addListCommand } from "./commands/list.ts";
import { addReduceCommand } from "./commands/reduce.ts";

const COMMANDS = [
  addCompareCommand,
  addCheckCommand,
  addDiffCommand,
  addExplainCommand,
  addFitCommand,
  addReduceCommand,
  addListCommand,
  addCacheCommand,
];

const SHORT_HELP = `How big is that model? Name one or more:

  llm-size gemma-2b
  llm-size Qwen/Qwen3-8B mistral-7b --json

See llm-size --help for everything else.`;

const HELP_END = `
Exit codes:
  0 measured   1 over a budget   2 wrong command line   3 cannot be measured
  4 the Hub did not answer (trying again may help)   70 a bug in llm-size

Environment:
  HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HOME, HF_HUB_CACHE,
  HF_HUB_DOWNLOAD_TIMEOUT, LLM_SIZE_CACHE, XDG_CACHE_HOME, HTTPS_PROXY,
  HTTP_PROXY, ALL_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS, NO_COLOR, FORCE_COLOR

Issues: https://github.com/llm-size/llm-size/issues`;

/** Throws USAGE for a wrong command line. */
export function parseCommandLine(argv: readonly string[]): Request {
  const [first] = argv;
  if (first === undefined) return { kind: "text", text: SHORT_HELP, stream: "stderr", exitCode: 2 };

  let request: Request | null = null;
  let output = "";
  const program = new Command("llm-size")
    .description(
      "How big is that model? Parameters, size class and download size, from a few kilobytes of metadata.",
    )
    .usage("[options] <model...>\n       llm-size <command> [options]")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: () => {} });
  for (const addCommand of COMMANDS) addCommand(program, (run) => (request = { kind: "command", run }));
  program.addHelpText("after", HELP_END);

  try {
    program.parse(withHelpAlone(argv, program), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text: output.trimEnd(), stream: "stdout", exitCode: 0 };
    const [message = "", ...hints] = error.message.replace(/^error: /, "").split("\n");
    throw new LlmSizeError("USAGE", { message, ...(hints.length > 0 && { hint: hints.join(" ") }) });
  }
  if (!request) throw new LlmSizeError("USAGE", { message: "no command was given" });
  return request;
}

/** Help, and after it the version, wins over everything else on the line, a wrong option included. */
function withHelpAlone(argv: readonly string[], program: Command): string[] {
  const end = argv.indexOf("--");
  const options = new Set(end === -1 ? argv : argv.slice(0, end));
  if (options.has("-h") || options.has("--help")) {
    const command = program.commands.find((candidate) => candidate.name() === argv[0]);
    return command ? [command.name(), "--help"] : ["--help"];
  }
  return options.has("-V") || options.has("--version") ? ["--version"] : [...argv];
}
