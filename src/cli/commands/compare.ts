/** `llm-size <model…>`, the default command: models side by side. */
import { Option } from "commander";
import { LlmSizeError } from "../../errors.ts";
import { FORMATS } from "../../render/options.ts";
import { SORT_KEYS, sortModels, type SortKey } from "../../render/sort-models.ts";
import type { CliCommand } from "../command.ts";
import { addListOptions, collect, readReferences, type ListOptions } from "../list-options.ts";
import {
  addMemoryOptions,
  addQuantizationOptions,
  hasMemoryOptions,
  parseQuantizations,
  toMemoryOptions,
  type MemoryFlags,
  type QuantizationOptions,
} from "../model-options.ts";
import { addBarOptions, addCommonOptions, type CommonOptions } from "../options.ts";

type CompareOptions = CommonOptions &
  QuantizationOptions &
  MemoryFlags &
  ListOptions & { readonly base?: boolean; readonly resume?: string; readonly sort?: SortKey };

export const definition: CliCommand<CompareOptions> = {
  addOptions(command) {
    command.argument(
      "[model...]",
      "gemma-2b, org/name[@revision], a Hub URL, ollama:name:tag, a folder or a file",
    );
    addCommonOptions(addQuantizationOptions(command), FORMATS);
    addBarOptions(command).addOption(
      new Option("--sort <key>", "sort models, the largest first").choices(SORT_KEYS),
    );
    addListOptions(command)
      .addOption(
        new Option("--resume <file>", "append NDJSON results to a file; skip models it already has").implies({
          format: "ndjson",
        }),
      )
      .optionsGroup("Options:")
      .option("--no-base", "do not measure the base model of an adapter");
    addMemoryOptions(command, "Memory (adds the KV cache to the table; see llm-size fit):");
  },

  commonOptions: "--quant --json",

  examples: `
  llm-size gemma-2b mistral-7b               side by side`,

  details: `
  llm-size ./my-finetune --quant fp16,int4   a folder on this disk
  llm-size Qwen/Qwen3-8B@main --json | jq    for a script
  llm-size --from models.txt --resume results.ndjson --shard 2/8`,

  check(words, { from, resume, json, format, sort }) {
    if (words.length === 0 && from === undefined)
      throw new LlmSizeError("USAGE", { message: "no model was named" });
    if (resume !== undefined && (json || format !== "ndjson"))
      throw new LlmSizeError("USAGE", {
        message: `--resume conflicts with ${json ? "--json" : `--format ${format}`}`,
        hint: "--resume writes NDJSON",
      });
    if (format === "badge" && (words.length !== 1 || from !== undefined))
      throw new LlmSizeError("USAGE", { message: "--format badge is for one model" });
    if (sort !== undefined && format === "ndjson")
      throw new LlmSizeError("USAGE", {
        message: "--sort conflicts with NDJSON",
        hint: "its lines come as soon as they are known; use --json",
      });
  },

  async run(words, options, context) {
    const sources = await context.openSources(options);
    const listed = await readReferences(words, options, { context, sources });
    const references = options.from === undefined ? await collect(listed) : listed;
    const measure = {
      sources,
      // A list does not decide what is shown of each of its models.
      quantizations: await parseQuantizations(options, Array.isArray(references) ? references : []),
      withBase: options.base ?? true,
      memory: hasMemoryOptions(options) ? toMemoryOptions(options) : undefined,
    };
    if (options.format === "ndjson") {
      const { printEach } = await import("../ndjson.ts");
      return printEach(references, measure, { options, context });
    }
    // Help and a wrong line need neither.
    const [{ measureReport }, { renderReport }] = await Promise.all([
      import("../../api/documents.ts"),
      import("../../render/report.ts"),
    ]);
    const whole = Array.isArray(references) ? references : await collect(references);
    const measured = await context.withProgress(
      (hooks) => measureReport(whole, { ...measure, ...hooks }),
      whole.length,
    );
    const { sort, quant, for: runtime } = options;
    const isChosen = quant !== undefined || runtime !== undefined;
    const report = sort ? { ...measured, models: sortModels(measured.models, sort, { isChosen }) } : measured;
    const renderOptions = await context.getRenderOptions(options);
    const text = await renderReport(report, options.format ?? "text", renderOptions);
    return context.finish(text, report, options);
  },
};
