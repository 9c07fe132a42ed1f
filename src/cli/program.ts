/** Parse a command line, and load only the command that it calls. */
import { Command, CommanderError } from "commander";
import { isFailure, LlmSizeError, type ExitCode } from "../errors.ts";
import { findNearestName } from "../contract/nearest-name.ts";
import { lookUp } from "../contract/json.ts";
import { VERSION } from "../contract/version.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import type { OutputOptions } from "./options.ts";
import { findTopic, findTopicName } from "./topics.ts";

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

type Load = () => Promise<{ readonly definition: CliCommand }>;

const ROWS: readonly (readonly [name: string, summary: string, load: Load])[] = [
  ["init", "Write a first config file with budgets", () => import("./commands/init.ts")],
  ["check", "Check models against budgets (exit code 1 if over)", () => import("./commands/check.ts")],
  ["explain", "Show where each number of a model comes from", () => import("./commands/explain.ts")],
  ["fit", "Show memory, download time, and devices that fit", () => import("./commands/fit.ts")],
  ["find", "List quantizations that others have published", () => import("./commands/find.ts")],
  ["scan", "Find and measure the models that a codebase names", () => import("./commands/scan.ts")],
  ["reduce", "Show what each way to shrink a model would leave", () => import("./commands/reduce.ts")],
  ["diff", "Compare two models, revisions of one, or lock files", () => import("./commands/diff.ts")],
  ["list", "List the built-in models, which work offline", () => import("./commands/list.ts")],
  ["cache", "Show, prune or clear the cache on this disk", () => import("./commands/cache.ts")],
];
const COMMANDS = new Map(ROWS.map(([name, summary, load]) => [name, { summary, load }]));

/** The program itself, without a command's name. */
const COMPARE = {
  summary: "How big is that model? Parameters, size class and download size.",
  load: (): ReturnType<Load> => import("./commands/compare.ts"),
};

const NO_ARGUMENTS = `How big is that model? Name one or more:

  llm-size gemma-2b
  llm-size Qwen/Qwen3-8B mistral-7b --json

See llm-size --help for everything else.`;

const COMMAND_LIST = `
Commands:
${ROWS.map(([name, summary]) => `  ${name.padEnd(8)} ${summary}`).join("\n")}
`;

const PROGRAM_MORE_HELP = `

See llm-size <command> --help, and llm-size help topics for all options.`;

const MORE_HELP = `

See llm-size help topics: exit-codes, environment, sizes.`;

/** Parse a command line. Throws USAGE for a wrong one, before anything is fetched. */
export async function parseCommandLine(argv: readonly string[]): Promise<TextRequest | CommandRequest> {
  const [first, second] = argv;
  if (first === undefined) return { kind: "text", text: NO_ARGUMENTS, stream: "stderr", exitCode: 2 };
  if (first === "help") {
    if (second === undefined || second.startsWith("-") || COMMANDS.has(second))
      return print(await renderHelp(second, "--help"));
    const topic = findTopic(second);
    if (topic === undefined) throw refuseTopic(second);
    return print(topic ?? (await renderOptions()));
  }
  const text = await answerAlone(argv);
  if (text !== null) return print(text);

  const { name, words } = await findCommand(argv);
  try {
    return await parseCommand(name, words);
  } catch (error) {
    throw withHint(error instanceof CommanderError ? toUsageError(error) : error, name);
  }
}

/** The words that are answered with a text. */
const TEXT_FLAGS: ReadonlySet<string> = new Set(["-h", "--help", "-V", "--version"]);

/**
 * Answer a line that is only `--help`, `check --help` or `--version`; null for any other. Throws USAGE where one of them
 * is among other words: a list of models with `-h` in it must not end a gate with 0.
 */
async function answerAlone(argv: readonly string[]): Promise<string | null> {
  const end = argv.indexOf("--");
  const flag = (end === -1 ? argv : argv.slice(0, end)).find((word) => TEXT_FLAGS.has(word));
  if (flag === undefined) return null;
  const [first = "", second] = argv;
  const isHelp = flag === "-h" || flag === "--help";
  if (argv.length === 1) return isHelp ? renderHelp(undefined, flag) : VERSION;
  if (argv.length === 2 && second === flag && isHelp && COMMANDS.has(first)) return renderHelp(first, flag);
  throw new LlmSizeError("USAGE", {
    message: `${flag} is for a line of its own`,
    hint: `use llm-size ${COMMANDS.has(first) && isHelp ? `${first} ` : ""}${flag}`,
  });
}

function print(text: string): TextRequest {
  return { kind: "text", text, stream: "stdout", exitCode: 0 };
}

async function parseCommand(name: string | null, words: readonly string[]): Promise<CommandRequest> {
  const { definition, parser } = await loadCommand(name);
  if (name === null) refuseMisspelt(words[0]); // before its options are found to be unknown
  parser.parse([...words], { from: "user" });
  const models = parser.args;
  if (name === null) refuseMisspelt(models[0]);
  if (name === null) refuseMisplaced(models);
  const options = parser.opts<OutputOptions>();
  definition.check?.(models, options);
  if (options.json && options.format !== "json")
    throw new LlmSizeError("USAGE", { message: `--json conflicts with --format ${options.format}` });
  return {
    kind: "command",
    run: (context) =>
      definition.run(models, options, context).catch((error: unknown) => {
        throw withHint(error, name);
      }),
  };
}

async function loadCommand(name: string | null) {
  const row = COMMANDS.get(name ?? "") ?? COMPARE;
  const { definition } = await row.load();
  const parser = new Command(name === null ? "llm-size" : `llm-size ${name}`)
    .description(row.summary)
    .helpOption("-h, --help", "-h for common options, --help for all")
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} });
  if (name === null)
    parser.usage("[command] [options] <model...>").version(VERSION, "-V, --version", "print the version");
  definition.addOptions(parser);
  return { definition, parser };
}

/** Find the command's name, which may come after options of the program itself: `--format csv list`. */
async function findCommand(argv: readonly string[]) {
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

function refuseMisspelt(word = ""): void {
  if (!COMMANDS.has(word) && findCommandName(word) !== null) throw refuseCommand(word);
}

/** Only the first word can be a command; a later one was taken for a model. */
function refuseMisplaced(models: readonly string[]): void {
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

function refuseTopic(written: string): LlmSizeError {
  const topic = findCommandName(written) === null ? findTopicName(written) : null;
  if (topic === null) return refuseCommand(written);
  return new LlmSizeError("USAGE", {
    message: `unknown topic "${written}"`,
    hint: `did you mean llm-size help ${topic}?`,
  });
}

/** Point a usage error without its own hint at the help of the command. */
function withHint(error: unknown, name: string | null): unknown {
  if (!isFailure(error, "USAGE") || error.context.hint !== undefined || name === null) return error;
  const { message } = error;
  return new LlmSizeError("USAGE", { message, hint: `see llm-size ${name} --help` }, { cause: error });
}

/** Options of llama.cpp and vLLM, and how to say the same here. */
const ENGINE_OPTIONS: Readonly<Record<string, string>> = {
  "--max-model-len": "use --context",
  "--ctx-size": "use --context",
  "--max-num-seqs": "use --batch",
  "--parallel": "use --batch",
  "--kv-cache-dtype": "use --kv-dtype",
  "--cache-type-k": "use --kv-dtype",
  "--cache-type-v": "use --kv-dtype",
  "--tensor-parallel-size": "use --gpus 2x24GB: as many of them share a model as divide its heads",
  "--n-gpu-layers": "use --gpus and --ram, and see the number in the answer",
  "--n-cpu-moe": "use --gpus and --ram, and see the number in the answer",
  "--tensor-split": "use --gpus, and see the split in the answer",
};

function toUsageError({ message: text }: CommanderError): LlmSizeError {
  const [message = "", ...hints] = text.replace(/^error: /, "").split("\n");
  const [, option = ""] = /^unknown option '([^'=]+)/.exec(message) ?? [];
  const known = lookUp(ENGINE_OPTIONS, option);
  if (known !== undefined) return new LlmSizeError("USAGE", { message, hint: known });
  return new LlmSizeError("USAGE", { message, ...(hints.length > 0 && { hint: hints.join(" ") }) });
}

/** Render the help of a command, `-h` with its common options, `--help` with all; of the program, one screen. */
async function renderHelp(word: string | undefined, flag: "-h" | "--help"): Promise<string> {
  const name = word !== undefined && COMMANDS.has(word) ? word : null;
  const { definition, parser } = await loadCommand(name);
  const isShort = flag === "-h" || name === null;
  const { examples, details = "" } = definition;
  const commonOptions = definition.commonOptions.split(" ");
  if (isShort) {
    parser.helpOption(false);
    for (const option of parser.options)
      option.helpGroup("Options:").hideHelp(!commonOptions.includes(option.long ?? ""));
    for (const argument of parser.registeredArguments) argument.description = "";
  }
  const all = isShort ? `\n\nSee llm-size ${name} --help for all options.` : `${details}${MORE_HELP}`;
  const more = name === null ? PROGRAM_MORE_HELP : all;
  const commands = name === null ? COMMAND_LIST : "";
  return `${parser.helpInformation().trimEnd()}\n${commands}\nExamples:${examples}${more}`;
}

/** Render every option of the program itself. */
async function renderOptions(): Promise<string> {
  const { definition, parser } = await loadCommand(null);
  return `${parser.helpInformation().trimEnd()}\n\nExamples:${definition.examples}${definition.details ?? ""}`;
}
