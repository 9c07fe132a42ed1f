import { Option, type Command } from "commander";
import { LlmSizeError } from "../../errors.ts";
import { DEVICES } from "../../memory/devices.ts";
import { CONNECTIONS } from "../../memory/download-time.ts";
import { addMemoryOptions, type MemoryOptions } from "../memory-options.ts";
import {
  addOutputOptions,
  addQuantizationOptions,
  addSourceOptions,
  parseNames,
  parseValue,
  type OutputOptions,
  type QuantizationOptions,
  type SourceOptions,
} from "../options.ts";
import type { Choose } from "../request.ts";

const FORMATS = ["text", "markdown", "json"] as const;

export interface FitOptions extends OutputOptions, SourceOptions, QuantizationOptions, MemoryOptions {
  readonly format?: (typeof FORMATS)[number];
  readonly device?: readonly string[];
  readonly memory?: string;
  readonly bandwidth?: readonly string[];
  readonly config?: string;
}

const HELP = (): string => `
Examples:
  llm-size fit gemma-2b --device iphone-16,rtx-4090 --context 8k
  llm-size fit mistral-7b --memory 8GB --for gguf
  llm-size fit distilbert-sst2 --bandwidth 50Mbps --for transformers.js

Memory is weights + cache + an estimate of the rest: logits and activations of
512 tokens at once, like llama.cpp's compute buffer. Text given to an encoder is
as long as the context (T5, BART), sound 30 seconds (Whisper), and the image
beside a text as large as can be (Llama 3.2 Vision). A device that fits has the
memory; it may still be too slow. --json has source and date of each limit.

Devices (more under "devices" in the config file):
${wrap(DEVICES.map(({ id }) => id))}
Connections:
${wrap(CONNECTIONS.map(({ id }) => id))}`;

/** `llm-size fit`: memory at a context length, download time, on devices. */
export function addFitCommand(program: Command, choose: Choose): void {
  const command = program
    .command("fit")
    .description("memory at a context length, download time, and which device's limit is met")
    .argument("<model...>", "as for llm-size itself");
  addMemoryOptions(command, "Fit:")
    .addOption(new Option("--device <ids>", "devices, comma-separated, or all").argParser(parseNames))
    .addOption(new Option("--memory <size>", "a device of this memory: 8GB").argParser(parseValue))
    .addOption(
      new Option(
        "--bandwidth <speeds>",
        "download time at 50Mbps, 6MB/s, 4g, broadband …, comma-separated",
      ).argParser(parseNames),
    )
    .addOption(new Option("--config <file>", "the config file that has your devices").argParser(parseValue))
    .action((references: string[], _: unknown, self: Command) => {
      if (references.length === 0) throw new LlmSizeError("USAGE", { message: "no model was named" });
      const options = self.optsWithGlobals<FitOptions>();
      choose(async (session) => (await import("./run-fit.ts")).runFit(references, options, session));
    });
  addSourceOptions(addOutputOptions(addQuantizationOptions(command), FORMATS)).addHelpText("after", HELP);
}

/** Names in lines of at most 80 columns. */
function wrap(names: readonly string[]): string {
  const lines = [""];
  for (const name of names) {
    const line = `${lines.at(-1)} ${name}`;
    if (line.length <= 78) lines[lines.length - 1] = line;
    else lines.push(` ${name}`);
  }
  return lines.map((line) => ` ${line}`).join("\n");
}
