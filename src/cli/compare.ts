import type { Command } from "commander";
import { findNearestName } from "../budget/nearest-name.ts";
import { LlmSizeError, type ExitCode } from "../errors.ts";
import type { PlanMemory } from "../measure.ts";
import { FORMATS } from "../report/render.ts";
import {
  addOutputOptions,
  addQuantizationOptions,
  addSourceOptions,
  type OutputOptions,
  type QuantizationOptions,
  type SourceOptions,
} from "./options.ts";
import { addMemoryOptions, hasMemoryOptions, readConditions, type MemoryOptions } from "./memory-options.ts";
import type { Choose } from "./request.ts";
import type { Session } from "./session.ts";

type Options = OutputOptions &
  SourceOptions &
  QuantizationOptions &
  MemoryOptions & { readonly base?: boolean };

const HELP = `
Examples:
  llm-size gemma-2b                          one model
  llm-size gemma-2b mistral-7b distilbert    several, side by side
  llm-size Qwen/Qwen3-8B@main --json | jq    for a script
  llm-size ./my-finetune --quant fp16,int4   a folder on this disk

Sizes, from the shapes of the weights:
  fp32, fp16   4 and 2 bytes a parameter
  int8         1 byte a weight of a matrix, 2 more each row; the rest 16 bits
  int4         half a byte a weight, 2 more each 32 of a row; the rest 16 bits`;

/** The program itself, without a command's name: models side by side. */
export function addCompareCommand(program: Command, choose: Choose): void {
  program
    .argument("[model...]", "gemma-2b, org/name, org/name@revision, a Hub URL, ./folder, or a weight file")
    .action((references: string[], options: Options) => {
      if (references.length === 0) throw new LlmSizeError("USAGE", { message: "no model was named" });
      rejectCommandNames(references, program);
      choose((session) => compareModels(references, options, session));
    });
  addSourceOptions(addOutputOptions(addQuantizationOptions(program), FORMATS))
    .option("--no-base", "do not measure the base model of an adapter")
    .addHelpText("after", HELP);
  addMemoryOptions(program, "Memory (a column for the cache, and all of it in JSON; see llm-size fit):");
}

/** Only the first word can be a command; a later one was taken for a model. */
function rejectCommandNames(references: readonly string[], program: Command): void {
  const names = program.commands.map((command) => command.name());
  const [first = ""] = references;
  const meant = names.includes(first) ? null : findNearestName(first, names);
  if (meant !== null)
    throw new LlmSizeError("USAGE", {
      message: `"${first}" is no command`,
      hint: `did you mean llm-size ${meant}? A model of that name takes its organization: org/${first}`,
    });
  const misplaced = names.find((name) => references.includes(name));
  if (misplaced === undefined) return;
  throw new LlmSizeError("USAGE", {
    message: `"${misplaced}" is a command and has to come first`,
    hint: `as in llm-size ${misplaced} …; a folder of that name is ./${misplaced}`,
  });
}

async function compareModels(
  texts: readonly string[],
  options: Options,
  session: Session,
): Promise<ExitCode> {
  const [{ measureReferences }, { chooseQuantizations }, { renderReport }, { judgeExit }] = await Promise.all(
    [
      import("../measure.ts"),
      import("./quantizations.ts"),
      import("../report/render.ts"),
      import("./session.ts"),
    ],
  );
  const sources = await session.openSources(options);
  const references = texts.map((text) => session.parse(text, sources));
  const { quantizations, scheme } = await chooseQuantizations(options);
  const planMemory = hasMemoryOptions(options) ? await preparePlan(options) : null;
  const report = await session.watch((hooks) =>
    measureReferences(references, {
      sources,
      quantizations,
      scheme,
      withBase: options.base ?? true,
      ...(planMemory && { planMemory }),
      ...hooks,
    }),
  );
  session.print(await renderReport(report, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}

/** How caches are described is loaded only where a context is asked for. */
async function preparePlan(options: MemoryOptions): Promise<PlanMemory> {
  const { planMemory } = await import("../fit/memory-plan.ts");
  const request = { ...readConditions(options), devices: [], connections: [] };
  return (subject) => planMemory(subject, request);
}
