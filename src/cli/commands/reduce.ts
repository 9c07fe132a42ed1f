import { InvalidArgumentError, Option, type Command } from "commander";
import { TECHNIQUES, type Technique } from "../../contract/terms.ts";
import { MAX_TASKS } from "../../reduce/reduction.ts";
import {
  addOutputOptions,
  addQuantizationOptions,
  addSourceOptions,
  parseValue,
  type OutputOptions,
  type QuantizationOptions,
  type SourceOptions,
} from "../options.ts";
import type { Choose } from "../request.ts";

const FORMATS = ["text", "markdown", "json"] as const;

export interface ReduceOptions extends OutputOptions, SourceOptions, QuantizationOptions {
  readonly format?: (typeof FORMATS)[number];
  readonly only?: readonly Technique[];
  readonly rank?: readonly string[];
  readonly tasks?: number;
  readonly student?: string;
  readonly apply?: string;
}

const HELP = `
Examples:
  llm-size reduce gemma-2b
  llm-size reduce bert --student distilbert --only distillation
  llm-size reduce mistral-7b --only lora --rank 32 --tasks 20
  llm-size reduce llama-2-7b --apply prune:2:4,quant:int4

Steps of a recipe, one after the other:
  prune:2:4   prune:<percent>[:bitmask|csr|dense]
  prune:heads|layers|width:<percent>
  distill:half-layers|half-size|smaller
  share:tied|untied|layers:<groups>|unshared
  quant:<name>
  lora:<rank>[:default|attention|all-linear][:dora][:save]

It counts bytes. What a technique costs in quality, only an evaluation tells.`;

/** `llm-size reduce`: what each way of shrinking a model would leave to download. */
export function addReduceCommand(program: Command, choose: Choose): void {
  const command = program
    .command("reduce")
    .description(
      "what each way to shrink a model would leave to download: quantize, LoRA, prune, distill, share",
    )
    .argument("<model>", "as for llm-size itself")
    .optionsGroup("Reduce:")
    .addOption(new Option("--only <techniques>", TECHNIQUES.join(", ")).argParser(parseTechniques))
    .addOption(new Option("--rank <numbers>", "ranks of adapters (8,16,64)").argParser(parseList))
    .addOption(new Option("--tasks <count>", "as adapters, against full models (10)").argParser(parseTasks))
    .addOption(new Option("--student <model>", "a real student to compare with").argParser(parseValue))
    .addOption(
      new Option("--apply <recipe>", "steps in order, and what is left after each").argParser(parseValue),
    )
    .action((reference: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<ReduceOptions>();
      choose(async (session) => (await import("./run-reduce.ts")).runReduce(reference, options, session));
    });
  addSourceOptions(addOutputOptions(addQuantizationOptions(command), FORMATS)).addHelpText("after", HELP);
}

function parseTechniques(text: string, previous: readonly Technique[] = []): readonly Technique[] {
  const techniques = parseList(text).map((name) => {
    const technique = TECHNIQUES.find((known) => known === name.toLowerCase());
    if (technique === undefined)
      throw new InvalidArgumentError(`Allowed choices are ${TECHNIQUES.join(", ")}.`);
    return technique;
  });
  return [...previous, ...techniques];
}

/** Repeatable and comma-separated. */
function parseList(text: string, previous: readonly string[] = []): readonly string[] {
  return [
    ...previous,
    ...parseValue(text)
      .split(",")
      .map((part) => part.trim()),
  ];
}

function parseTasks(text: string): number {
  if (!/^[1-9]\d*$/.test(text) || Number(text) > MAX_TASKS)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_TASKS}.`);
  return Number(text);
}
