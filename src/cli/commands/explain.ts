/** `llm-size explain`: where each number of one model comes from. */
import { explainModel } from "../../api/explain.ts";
import { renderExplanation } from "../../render/explanation.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import type { CliCommand } from "../command.ts";
import { addQuantizationOptions, parseQuantizations, type QuantizationOptions } from "../model-options.ts";
import { addCommonOptions, type CommonOptions } from "../options.ts";

type ExplainOptions = CommonOptions<DocumentFormat> & QuantizationOptions;

export const definition: CliCommand<ExplainOptions> = {
  addOptions(command) {
    command.argument("<model>", "as for llm-size itself");
    addCommonOptions(addQuantizationOptions(command), DOCUMENT_FORMATS);
  },

  commonOptions: "--quant --json --format --revision --offline",

  examples: `
  llm-size explain gemma-2b
  llm-size explain gemma-2b --quant Q4_K_M   which tensors get which type
  llm-size explain openai/gpt-oss-20b --json`,

  async run([word = ""], options, context) {
    const sources = await context.openSources(options);
    const reference = context.parse(word, sources);
    const quantizations = await parseQuantizations(options, [reference]);
    const explanation = await context.withProgress((hooks) =>
      explainModel(reference, { sources, quantizations, ...hooks }),
    );
    const renderOptions = await context.getRenderOptions(options);
    const text = await renderExplanation(explanation, options.format ?? "text", renderOptions);
    const { model, failures } = explanation;
    return context.finish(text, { models: model ? [model] : [], failures }, options);
  },
};
