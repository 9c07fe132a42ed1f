/** `llm-size fit`: memory at a context length, download time, on devices. */
import { parseNetworkSpeeds, readDevices } from "../../api/fit.ts";
import { measureDraft } from "../../api/measure-model.ts";
import { measureReport } from "../../api/documents.ts";
import { DEVICES } from "../../memory/devices.ts";
import { planFit } from "../../memory/fit-plan.ts";
import { GPUS } from "../../memory/gpus.ts";
import { NETWORK_SPEEDS } from "../../memory/download-time.ts";
import { LlmSizeError } from "../../errors.ts";
import { renderFit } from "../../render/fit.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import type { CliCommand } from "../command.ts";
import {
  addMemoryOptions,
  addTrainingOptions,
  GPU_SHARE_HELP,
  toTrainingSetup,
  addQuantizationOptions,
  parseDraftQuantizations,
  parseQuantizations,
  toMemoryOptions,
  type MemoryFlags,
  type TrainingFlags,
  type QuantizationOptions,
} from "../model-options.ts";
import {
  addBarOptions,
  addCommonOptions,
  parseNames,
  parseShare,
  parseValue,
  type CommonOptions,
} from "../options.ts";

interface FitOptions extends CommonOptions<DocumentFormat>, QuantizationOptions, MemoryFlags, TrainingFlags {
  readonly device?: readonly string[];
  readonly memory?: string;
  readonly gpus?: string;
  readonly ram?: string;
  readonly gpuMemoryUtilization?: number;
  readonly bandwidth?: readonly string[];
  readonly config?: string;
  readonly draft?: string;
  readonly all?: boolean;
}

export const definition: CliCommand<FitOptions> = {
  addOptions(command) {
    command.argument("<model...>", "as for llm-size itself");
    addMemoryOptions(command, "Fit:")
      .option("--device <ids>", "devices, comma-separated, or all", parseNames)
      .option("--memory <size>", "a device with this much memory: 8GB", parseValue)
      .option("--gpus <gpus>", "split over GPUs: 2x24GB, 2xrtx-4090,rtx-3090", parseValue)
      .option("--ram <size>", "host memory for what the GPUs do not hold: 64GB", parseValue)
      .option("--gpu-memory-utilization <share>", GPU_SHARE_HELP, parseShare)
      .option(
        "--bandwidth <speeds>",
        "download time at 50Mbps, 6MB/s, 4g, broadband …, comma-separated",
        parseNames,
      )
      .option("--draft <model>", "add a draft model for speculative decoding", parseValue)
      .option("--config <file>", "config file with your own devices", parseValue)
      .option("--all", "list every quantization, also where there are more than 8");
    addTrainingOptions(command, "Training:");
    addBarOptions(addCommonOptions(addQuantizationOptions(command), DOCUMENT_FORMATS));
  },

  commonOptions:
    "--context --device --memory --gpus --ram --draft --train --bandwidth --kv-dtype --quant --for --json",

  examples: `
  llm-size fit gemma-2b --device iphone-16,rtx-4090 --context 8k
  llm-size fit mistral-7b --memory 8GB --for gguf
  llm-size fit Qwen/Qwen3-30B-A3B --gpus 2x24GB --ram 64GB
  llm-size fit mistral-7b --train qlora --device rtx-4090
  llm-size fit distilbert-sst2 --bandwidth 50Mbps --for transformers.js`,

  details: `

The answer comes first: per device the best quantization that fits, by quality
and not by bytes, the tokens it leaves room for, the next better one and the
next safer one. Ternary and 1-bit types are never recommended.

Memory is weights + KV cache + an estimate of the rest: logits, the attention
mask and activations of 512 tokens, like llama.cpp's compute buffer. An
encoder's input is as long as the context (T5, BART), audio lasts 30 seconds
(Whisper), and an image has the largest size that the model accepts (Llama 3.2
Vision). A device that fits has enough memory; it may still be too slow. --json
has source and date of each limit.

Devices (add your own as "devices" in the config file):
${wrap(DEVICES.map(({ id }) => id))}
and ${GPUS.length} GPUs of @huggingface/tasks by their names, such as rtx-5080 or
rx-7900-xtx.
Connections:
${wrap(NETWORK_SPEEDS.map(({ id }) => id))}`,

  async run(words, options, context) {
    const training = toTrainingSetup(options, options.quant ?? []);
    const memory = {
      ...toMemoryOptions(options),
      training,
      devices: await readDevices(options, context.system.cwd),
      connections: parseNetworkSpeeds(options.bandwidth),
    };
    const sources = await context.openSources(options);
    const references = words.map((word) => context.parse(word, sources));
    const isMachine = memory.devices.some(({ machine }) => machine !== null);
    if (training && (isMachine || options.draft !== undefined))
      throw new LlmSizeError("USAGE", {
        message: "--train is for one device, without --gpus, --ram and --draft",
      });
    const quantizations = training ? [] : await parseQuantizations(options, references, isMachine);
    const drafting = options.draft === undefined ? null : context.parse(options.draft, sources);
    const draftQuantizations = drafting
      ? await parseDraftQuantizations(options, drafting, quantizations)
      : [];
    const report = await context.withProgress(async (hooks) => {
      const draft = drafting
        ? await measureDraft(drafting, { sources, quantizations: draftQuantizations, ...hooks })
        : null;
      const request = { ...memory, draft };
      return measureReport(references, {
        sources,
        quantizations,
        planMemory: (input) => planFit(input, request),
        ...hooks,
      });
    });
    const renderOptions = await context.getRenderOptions(options);
    const text = await renderFit(report, options.format ?? "text", {
      ...renderOptions,
      all: options.all ?? false,
    });
    return context.finish(text, report, options);
  },
};

/** Wrap names at 80 columns. */
function wrap(names: readonly string[]): string {
  const lines = [""];
  for (const name of names) {
    const line = `${lines.at(-1)} ${name}`;
    if (line.length <= 78) lines[lines.length - 1] = line;
    else lines.push(` ${name}`);
  }
  return lines.map((line) => ` ${line}`).join("\n");
}
