/** Options that several commands share, each read with a parser that refuses what is no value of it. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { LlmSizeError } from "../errors.ts";
import { RUNTIME_NAMES, type Runtime } from "../quant/runtimes.ts";
import type { Format } from "../render/render.ts";
import { UNIT_SYSTEMS, type UnitSystem } from "../render/units.ts";

export interface OutputOptions {
  readonly format?: Format;
  readonly units?: UnitSystem;
  /** `--color`, `--no-color`; undefined leaves it to the terminal. */
  readonly color?: boolean;
}

export interface SourceOptions {
  readonly revision?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly cache?: boolean;
  readonly debug?: boolean;
}

export interface QuantizationOptions {
  readonly quant?: readonly string[];
  readonly for?: Runtime;
  readonly imatrix?: boolean;
  readonly separateHead?: boolean;
  readonly headBits?: number;
}

const OUTPUT = "Output:";
const SOURCE = "Source:";

export function addOutputOptions(command: Command, formats: readonly Format[]): Command {
  return command
    .hook("preAction", rejectTwoFormats)
    .optionsGroup(OUTPUT)
    .addOption(new Option("--json", "same as --format json").implies({ format: "json" }))
    .addOption(new Option("--format <format>", "how to print").choices(formats))
    .addOption(new Option("--units <system>", "GB (10^9) or GiB (2^30)").choices(UNIT_SYSTEMS))
    .addOption(new Option("--color", "colors also into a pipe (also FORCE_COLOR)"))
    .addOption(new Option("--no-color", "no colors (also NO_COLOR)"));
}

/** `--json --format csv` asks for two things. */
function rejectTwoFormats(command: Command): void {
  const { json, format } = command.opts<{ json?: boolean; format?: Format }>();
  if (json && format !== "json")
    throw new LlmSizeError("USAGE", { message: `--json and --format ${format} cannot both be had` });
}

export function addSourceOptions(command: Command): Command {
  return command
    .optionsGroup(SOURCE)
    .addOption(new Option("--revision <name>", "branch, tag or commit").argParser(parseValue))
    .addOption(new Option("--endpoint <url>", "another Hub (also HF_ENDPOINT)").argParser(parseValue))
    .option("--offline", "ask no network (also HF_HUB_OFFLINE)")
    .addOption(
      new Option("--timeout <time>", "how long a model may take: 90s, 10m (2m; of a list 15m)").argParser(
        parseMilliseconds,
      ),
    )
    .addOption(new Option("--retries <count>", "further tries of what may pass (4)").argParser(parseRetries))
    .option("--no-cache", "neither use nor keep what was read before")
    .option("--debug", "print requests and stack traces");
}

/** Repeatable and comma-separated, so that none swallows the models after it. */
export function addQuantizationOptions(command: Command): Command {
  return command
    .optionsGroup(OUTPUT)
    .addOption(
      new Option("--quant <names>", "sizes to show: fp32, fp16, int8, int4, Q4_K_M, onnx:q4f16 …").argParser(
        parseNames,
      ),
    )
    .addOption(new Option("--for <runtime>", "all sizes of one ecosystem").choices(RUNTIME_NAMES))
    .option("--imatrix", "GGUF made with an importance matrix")
    .option("--no-imatrix", "GGUF made without one")
    .option("--separate-head", "write the head again although it is tied to the embedding")
    .addOption(new Option("--head-bits <bits>", "bits a weight of head and embedding").argParser(parseBits));
}

function parseBits(value: string): number {
  if (!/^(?:[2-8]|16|32)$/.test(value)) throw new InvalidArgumentError("It is one of 2 to 8, 16 and 32.");
  return Number(value);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Longer than a timer of node can be. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function parseMilliseconds(value: string): number {
  const [, amount = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(value) ?? [];
  const milliseconds = Number(amount) * (UNIT_MS[unit || "s"] ?? 0);
  if (!(milliseconds >= 1 && milliseconds <= MAX_TIMEOUT_MS))
    throw new InvalidArgumentError("Write it as 90s, 10m or 1h.");
  return milliseconds;
}

function parseRetries(value: string): number {
  if (!/^\d{1,2}$/.test(value)) throw new InvalidArgumentError("It is a whole number from 0 to 99.");
  return Number(value);
}

export function parseNames(value: string, previous: readonly string[] = []): readonly string[] {
  return [
    ...previous,
    ...parseValue(value)
      .split(",")
      .map((name) => name.trim()),
  ];
}

/** Commander takes the next option for a value, which never begins with a dash, unless it is a number below zero. */
export function parseValue(value: string): string {
  if (value.trim() === "" || /^-(?!\d)/.test(value)) throw new InvalidArgumentError("A value is missing.");
  return value;
}
