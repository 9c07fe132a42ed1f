/** What a person may type: reads a command line, and loads only the command that it calls. */
import { Command, CommanderError } from "commander";
import { LlmSizeError, type ExitCode } from "../errors.ts";
import { findNearestName } from "../source/nearest-name.ts";
import { readVersion } from "../source/version.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";

/** Help or the version. */
interface TextRequest {
  readonly kind: "text";
  readonly text: string;
  readonly stream: "stdout" | "stderr";
  readonly exitCode: 0 | 2;
}

interface CommandRequest {
  readonly kind: "command";
  run(context: CliContext): Promise<ExitCode>;
}

interface Row {
  readonly summary: string;
  load(): Promise<{ readonly definition: CliCommand }>;
}

const COMMANDS: ReadonlyMap<string, Row> = new Map(
  Object.entries({
    check: {
      summary: "Check models against budgets (exit code 1 if over)",
      load: () => import("./commands/check.ts"),
    },
    explain: {
      summary: "Show where each number of a model comes from",
      load: () => import("./commands/explain.ts"),
    },
    fit: {
      summary: "Show memory at a context length, download time, and fitting devices",
      load: () => import("./commands/fit.ts"),
    },
    reduce: {
      summary: "Show what each way to shrink a model would leave to download",
      load: () => import("./commands/reduce.ts"),
    },
    diff: {
      summary: "Compare two models, two revisions of one, or lock files",
      load: () => import("./commands/diff.ts"),
    },
    list: {
      summary: "List the built-in models, which work without a network",
      load: () => import("./commands/list.ts"),
    },
    cache: {
      summary: "Show, prune or clear the cache on this disk",
      load: () => import("./commands/cache.ts"),
    },
  }),
);

/** The program itself, without a command's name. */
const COMPARE: Row = {
  summary: "How big is that model? Parameters, size class and download size.",
  load: () => import("./commands/compare.ts"),
};

const NO_ARGUMENTS = `How big is that model? Name one or more:

  llm-size gemma-2b
  llm-size Qwen/Qwen3-8B mistral-7b --json

See llm-size --help for everything else.`;

const COMMAND_LIST = `
Commands:
${[...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`).join("\n")}
`;

const EXIT_CODES_HELP = `

Exit codes:
  0 measured   1 over a budget   2 wrong command line   3 cannot be measured
  4 the Hub did not answer (trying again may help)   70 a bug in llm-size

Environment:
  HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HOME, HF_HUB_CACHE,
  HF_HUB_DOWNLOAD_TIMEOUT, LLM_SIZE_CACHE, XDG_CACHE_HOME, HTTPS_PROXY,
  HTTP_PROXY, ALL_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS, NO_COLOR, FORCE_COLOR

Issues: https://github.com/llm-size/llm-size/issues`;

/** Parse a command line. Throws USAGE for a wrong one, before anything is fetched. */
export async function parseCommandLine(argv: readonly string[]): Promise<TextRequest | CommandRequest> {
  const [first, second] = argv;
  if (first === undefined) return { kind: "text", text: NO_ARGUMENTS, stream: "stderr", exitCode: 2 };
  if (first === "help") {
    if (second !== undefined && !second.startsWith("-") && !COMMANDS.has(second)) throw refuseCommand(second);
    return print(await renderHelp(second, "--help"));
  }
  const end = argv.indexOf("--");
  const options = new Set(end === -1 ? argv : argv.slice(0, end));
  for (const flag of ["--help", "-h"] as const)
    if (options.has(flag)) return print(await renderHelp(first, flag));
  if (options.has("-V") || options.has("--version")) return print(readVersion());

  const { name, words } = await findCommand(argv);
  try {
    return await parseCommand(name, words);
  } catch (error) {
    throw error instanceof CommanderError ? toUsageError(error, name) : withHint(error, name);
  }
}

function print(text: string): TextRequest {
  return { kind: "text", text, stream: "stdout", exitCode: 0 };
}

async function parseCommand(name: string | null, words: readonly string[]): Promise<CommandRequest> {
  const { definition, parser } = await loadCommand(name);
  parser.parse([...words], { from: "user" });
  const models = parser.args;
  if (name === null) refuseCommandNames(models);
  const options = parser.opts<{ json?: boolean; format?: string }>();
  if (options.json && options.format !== "json")
    throw new LlmSizeError("USAGE", { message: `--json conflicts with --format ${options.format}` });
  definition.check?.(models, options);
  return {
    kind: "command",
    run: (context) =>
      definition.run(models, options, context).catch((error: unknown) => {
        throw withHint(error, name);
      }),
  };
}

async function loadCommand(
  name: string | null,
): Promise<{ readonly definition: CliCommand; readonly parser: Command }> {
  const row = COMMANDS.get(name ?? "") ?? COMPARE;
  const { definition } = await row.load();
  const parser = new Command(name === null ? "llm-size" : `llm-size ${name}`)
    .description(row.summary)
    .helpOption("-h, --help", "-h for common options, --help for all")
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} });
  if (name === null)
    parser
      .usage("[options] <model...>\n       llm-size <command> [options]")
      .version(readVersion(), "-V, --version", "print the version");
  definition.addOptions(parser);
  return { definition, parser };
}

/** Find the command's name, which may come after options of the program itself: `--format csv list`. */
async function findCommand(
  argv: readonly string[],
): Promise<{ readonly name: string | null; readonly words: readonly string[] }> {
  const index = argv.findIndex((word) => COMMANDS.has(word));
  const name = argv[index];
  if (name === undefined || (index > 0 && !(await areOptions(argv.slice(0, index)))))
    return { name: null, words: argv };
  return { name, words: [...argv.slice(0, index), ...argv.slice(index + 1)] };
}

async function areOptions(words: readonly string[]): Promise<boolean> {
  const { parser } = await loadCommand(null);
  try {
    const { operands, unknown } = parser.parseOptions([...words]);
    return !words.includes("--") && operands.length === 0 && unknown.length === 0;
  } catch {
    return false; // the error is found again when the whole line is parsed
  }
}

/** Only the first word can be a command; a later one was taken for a model. */
function refuseCommandNames(models: readonly string[]): void {
  const [first = ""] = models;
  if (!COMMANDS.has(first) && findCommandName(first) !== null) throw refuseCommand(first);
  const misplaced = [...COMMANDS.keys()].find((name) => models.includes(name));
  if (misplaced === undefined) return;
  throw new LlmSizeError("USAGE", {
    message: `"${misplaced}" is a command and has to come first`,
    hint: `as in llm-size ${misplaced} …; a folder of that name is ./${misplaced}`,
  });
}

function findCommandName(written: string): string | null {
  return findNearestName(written, [...COMMANDS.keys(), "help", "version"]);
}

function refuseCommand(written: string): LlmSizeError {
  const nearest = findCommandName(written);
  return new LlmSizeError("USAGE", {
    message: `unknown command "${written}"`,
    ...(nearest !== null && {
      hint: `did you mean llm-size ${nearest}? A model of that name takes its organization: org/${written}`,
    }),
  });
}

/** Point a usage error without its own hint at the help of the command. */
function withHint(error: unknown, name: string | null): unknown {
  if (!(error instanceof LlmSizeError) || error.code !== "USAGE" || name === null) return error;
  const { message, hint = `see llm-size ${name} --help` } = error.context as {
    message: string;
    hint?: string;
  };
  return new LlmSizeError("USAGE", { message, hint }, { cause: error });
}

function toUsageError({ message: text }: CommanderError, name: string | null): unknown {
  const [message = "", ...hints] = text.replace(/^error: /, "").split("\n");
  const hint = hints.length > 0 ? { hint: hints.join(" ") } : {};
  return withHint(new LlmSizeError("USAGE", { message, ...hint }), name);
}

/** Render the help of a command or of the program: `-h` with the common options, `--help` with everything. */
async function renderHelp(word: string | undefined, flag: "-h" | "--help"): Promise<string> {
  const name = word !== undefined && COMMANDS.has(word) ? word : null;
  const { definition, parser } = await loadCommand(name);
  const isShort = flag === "-h";
  const { commonOptions, examples, details } = definition;
  if (isShort) {
    parser.helpOption(false);
    for (const option of parser.options)
      option.helpGroup("Options:").hideHelp(!commonOptions.includes(option.long ?? ""));
    for (const argument of parser.registeredArguments) argument.description = "";
  }
  const usage = name === null ? "llm-size" : `llm-size ${name}`;
  const more = isShort ? `\n\nSee ${usage} --help for all options.` : `${details}${EXIT_CODES_HELP}`;
  const commands = name === null ? COMMAND_LIST : "";
  return `${parser.helpInformation().trimEnd()}\n${commands}\nExamples:${examples}${more}`;
}
