import { InvalidArgumentError, Option, type Command } from "commander";
import { LlmSizeError } from "../errors.ts";
import { CACHE_DTYPES, CACHE_LAYOUTS, type CacheDtype, type CacheLayout } from "../fit/cache.ts";
import {
  addOutputOptions,
  addQuantizationOptions,
  addSourceOptions,
  type OutputOptions,
  type QuantizationOptions,
  type SourceOptions,
} from "./options.ts";
import type { Choose } from "./request.ts";

const FORMATS = ["text", "markdown", "json"] as const;

export interface FitOptions extends OutputOptions, SourceOptions, QuantizationOptions {
  readonly format?: (typeof FORMATS)[number];
  readonly context?: number;
  readonly batch?: number;
  readonly kvDtype?: CacheDtype;
  readonly layout?: CacheLayout;
  readonly device?: readonly string[];
  readonly memory?: string;
  readonly bandwidth?: string;
}

const HELP = `
Examples:
  llm-size fit gemma-2b --device iphone-16,rtx-4090 --context 8k
  llm-size fit mistral-7b --memory 8GB --for gguf
  llm-size fit distilbert-sst2 --bandwidth 50Mbps --for transformers.js

Memory is weights + cache + an estimate of the rest. A device that fits has the
memory; it may still be too slow.`;

/** `llm-size fit`: memory at a context length, download time, on devices. */
export function addFitCommand(program: Command, choose: Choose): void {
  const command = program
    .command("fit")
    .description("memory at a context length, download time, and which device's limit is met")
    .argument("<model...>", "as for llm-size itself")
    .optionsGroup("Fit:")
    .addOption(
      new Option("--context <tokens>", "context length: 8192, 8k, 128k (4096)").argParser(parseTokens),
    )
    .addOption(new Option("--batch <count>", "sequences at once (1)").argParser(parseBatch))
    .addOption(new Option("--kv-dtype <dtype>", "how the cache is stored (bf16)").choices(CACHE_DTYPES))
    .addOption(
      new Option("--layout <layout>", "full counts sliding windows as whole layers").choices(CACHE_LAYOUTS),
    )
    .addOption(new Option("--device <ids>", "devices, comma-separated, or all").argParser(parseNames))
    .option("--memory <size>", "a device of this memory: 8GB")
    .option("--bandwidth <speed>", "download time at 50Mbps, 6MB/s, 4g, broadband …")
    .action((references: string[], _: unknown, self: Command) => {
      if (references.length === 0) throw new LlmSizeError("USAGE", { message: "no model was named" });
      const options = self.optsWithGlobals<FitOptions>();
      choose(async (session) => (await import("./run-fit.ts")).runFit(references, options, session));
    });
  addSourceOptions(addOutputOptions(addQuantizationOptions(command), FORMATS)).addHelpText("after", HELP);
}

/** Longer contexts than any model's; more would leave the safe integers. */
const MAX_TOKENS = 100_000_000;

function parseTokens(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})([kKmM]?)$/.exec(text) ?? [];
  const tokens = Number(digits) * (unit === "" ? 1 : unit.toLowerCase() === "k" ? 1024 : 1024 ** 2);
  if (!(tokens > 0 && tokens <= MAX_TOKENS)) throw new InvalidArgumentError("Write it as 8192, 8k or 1m.");
  return tokens;
}

function parseBatch(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 to 9999.");
  return Number(text);
}

function parseNames(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...text.split(",").map((name) => name.trim().toLowerCase())];
}
