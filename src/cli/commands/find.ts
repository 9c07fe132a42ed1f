/** `llm-size find`: quantizations of a model that others have published. */
import { Option } from "commander";
import { findQuantizations } from "../../api/find.ts";
import { readDevices } from "../../api/fit.ts";
import { RUNTIME_NAMES, type Runtime } from "../../quant/runtimes.ts";
import { renderFind } from "../../render/find.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import type { CliCommand } from "../command.ts";
import {
  addCommonOptions,
  parseQuantityOption,
  parseValue,
  parseWhole,
  type CommonOptions,
} from "../options.ts";

interface FindOptions extends CommonOptions<DocumentFormat> {
  readonly for?: Runtime;
  readonly maxSize?: number;
  readonly fits?: string;
  readonly limit?: number;
}

export const definition: CliCommand<FindOptions> = {
  addOptions(command) {
    command
      .argument("<model>", "as for llm-size itself")
      .optionsGroup("Options:")
      .addOption(new Option("--for <runtime>", "only files that it runs").choices(RUNTIME_NAMES))
      .option("--max-size <size>", "only up to this size (4GB)", parseQuantityOption("bytes"))
      .option("--fits <device>", "only what fits on it, with 4096 tokens (iphone-16)", parseValue)
      .option(
        "--limit <count>",
        "the most rows, and repositories to read (default: 20 and 7)",
        parseWhole(1, 100),
      );
    addCommonOptions(command, DOCUMENT_FORMATS);
  },

  commonOptions: "--for --max-size --fits --limit --json --format",

  examples: `
  llm-size find gemma-2b
  llm-size find Qwen/Qwen3-8B --for gguf --max-size 6GB
  llm-size find gemma-2b --fits iphone-16 --format markdown
  llm-size check gemma-2b --quant Q4_K_M --published --max-size 2GB`,

  details: `

Asks the Hub for repositories whose cards name the model as what they quantize,
and reads the file sizes of a few, the most downloaded first. What differs much
from the prediction is marked; what is of another model is left out.`,

  async run([word = ""], options, context) {
    const { fits, maxSize: maxBytes, limit, for: runtime } = options;
    const [device] = fits === undefined ? [] : await readDevices({ device: [fits] }, context.system.cwd);
    const sources = await context.openSources(options);
    const reference = context.parse(word, sources);
    const report = await context.withProgress((hooks) =>
      findQuantizations(reference, { sources, runtime, maxBytes, device, limit, ...hooks }),
    );
    const text = await renderFind(report, options.format ?? "text", await context.getRenderOptions(options));
    const { model, failures } = report;
    return context.finish(text, { models: model ? [model] : [], failures }, options);
  },
};
