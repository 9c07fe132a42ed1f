/** `llm-size reduce`: what each way of shrinking a model would leave to download. */
import { MAX_TASKS } from "../../reduce/lora.ts";
import { InvalidArgumentError, Option } from "commander";
import { buildReduceRequest, reduceModel } from "../../api/reduce.ts";
import { listSchemesFor } from "../../quant/registry.ts";
import { TECHNIQUES, type Technique } from "../../contract/terms.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import { renderReduction } from "../../render/reduction.ts";
import type { CliCommand } from "../command.ts";
import { addQuantizationOptions, parseQuantizations, type QuantizationOptions } from "../model-options.ts";
import { addCommonOptions, parseNames, parseValue, parseWhole, type CommonOptions } from "../options.ts";

interface ReduceOptions extends CommonOptions<DocumentFormat>, QuantizationOptions {
  readonly only?: readonly Technique[];
  readonly rank?: readonly string[];
  readonly tasks?: number;
  readonly student?: string;
  readonly apply?: string;
}

export const definition: CliCommand<ReduceOptions> = {
  addOptions(command) {
    command
      .argument("<model>", "as for llm-size itself")
      .optionsGroup("Reduce:")
      .addOption(new Option("--only <techniques>", TECHNIQUES.join(", ")).argParser(parseTechniques))
      .option("--rank <numbers>", "ranks of adapters (default: 8,16,64)", parseNames)
      .option(
        "--tasks <count>",
        "compare this many adapters with full models (default: 10)",
        parseWhole(1, MAX_TASKS),
      )
      .option("--student <model>", "a real student to compare with", parseValue)
      .option("--apply <recipe>", "apply steps in order, and show each result", parseValue);
    addCommonOptions(addQuantizationOptions(command), DOCUMENT_FORMATS);
  },

  commonOptions: "--only --apply --rank --student --quant --for --json",

  examples: `
  llm-size reduce gemma-2b
  llm-size reduce bert --student distilbert --only distillation
  llm-size reduce mistral-7b --only lora --rank 32 --tasks 20
  llm-size reduce llama-2-7b --apply prune:2:4,quant:int4`,

  details: `

Steps of a recipe, one after the other:
  prune:2:4   prune:<percent>[:bitmask|csr|dense]
  prune:heads|layers|width:<percent>
  distill:half-layers|half-size|smaller
  share:tied|untied|layers:<groups>|unshared
  quant:<name>
  lora:<rank>[:default|attention|all-linear][:dora][:save]

Sizes are in bytes. To see what a technique costs in quality, evaluate it.`,

  async run([word = ""], options, context) {
    // The sizes of a whole ecosystem are rows of their own: too many to be columns of every table.
    const { for: runtime, ...ofColumns } = options;
    const quantizations = await parseQuantizations(ofColumns);
    const { only: techniques, rank: ranks, tasks, student, apply: recipe } = options;
    const sources = await context.openSources(options);
    const reference = context.parse(word, sources);
    const request = buildReduceRequest({
      quantizations,
      family: runtime === undefined ? [] : listSchemesFor(runtime, options),
      scheme: options,
      techniques,
      ranks,
      tasks,
      student: student === undefined ? null : context.parse(student, sources),
      recipe,
    });
    const report = await context.withProgress((hooks) =>
      reduceModel(reference, request, { sources, ...hooks }),
    );
    const renderOptions = await context.getRenderOptions(options);
    const text = await renderReduction(report, options.format ?? "text", renderOptions);
    const models = [report.model, report.student].filter((model) => model !== null);
    return context.finish(text, { models, failures: report.failures }, options);
  },
};

function parseTechniques(text: string, previous: readonly Technique[] = []): readonly Technique[] {
  const techniques = parseNames(text).map((name) => {
    const technique = TECHNIQUES.find((known) => known === name.toLowerCase());
    if (technique === undefined)
      throw new InvalidArgumentError(`Allowed choices are ${TECHNIQUES.join(", ")}.`);
    return technique;
  });
  return [...previous, ...techniques];
}
