import { Option, type Command } from "commander";
import { findNearestName } from "../../source/nearest-name.ts";
import { LlmSizeError } from "../../errors.ts";
import { FORMATS } from "../../render/render.ts";
import {
  addOutputOptions,
  addQuantizationOptions,
  addSourceOptions,
  type OutputOptions,
  type QuantizationOptions,
  type SourceOptions,
} from "../options.ts";
import { addMemoryOptions, type MemoryOptions } from "../memory-options.ts";
import { addListOptions, type ListOptions } from "../references.ts";
import type { Choose } from "../request.ts";

export type CompareOptions = OutputOptions &
  SourceOptions &
  QuantizationOptions &
  MemoryOptions &
  ListOptions & { readonly base?: boolean; readonly resume?: string };

const HELP = `
Examples:
  llm-size gemma-2b                          one model
  llm-size gemma-2b mistral-7b distilbert    several, side by side
  llm-size Qwen/Qwen3-8B@main --json | jq    for a script
  llm-size ./my-finetune --quant fp16,int4   a folder on this disk
  llm-size --from models.txt --resume results.ndjson --shard 2/8

Sizes, from the shapes of the weights:
  fp32, fp16   4 and 2 bytes a parameter
  int8         1 byte a weight of a matrix, 2 more each row; the rest 16 bits
  int4         half a byte a weight, 2 more each 32 of a row; the rest 16 bits`;

/** The program itself, without a command's name: models side by side. */
export function addCompareCommand(program: Command, choose: Choose): void {
  program
    .argument("[model...]", "gemma-2b, org/name, org/name@revision, a Hub URL, ./folder, or a weight file")
    .action((references: string[], options: CompareOptions) => {
      if (references.length === 0 && options.from === undefined)
        throw new LlmSizeError("USAGE", { message: "no model was named" });
      rejectCommandNames(references, program);
      if (options.resume !== undefined && options.format !== "ndjson")
        throw new LlmSizeError("USAGE", { message: `--resume writes NDJSON, not ${options.format}` });
      choose(async (session) => (await import("./run-compare.ts")).runCompare(references, options, session));
    });
  addListOptions(addSourceOptions(addOutputOptions(addQuantizationOptions(program), FORMATS)))
    .addOption(
      new Option(
        "--resume <file>",
        "add results as NDJSON to a file, leaving out what it has by the same options",
      ).implies({ format: "ndjson" }),
    )
    .optionsGroup("Options:")
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
