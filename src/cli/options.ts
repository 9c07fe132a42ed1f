/** Options that several commands share, each with a parser that refuses invalid values. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { listQuantityForms, parseQuantity, type QuantityKind } from "../contract/quantities.ts";
import { isFailure } from "../errors.ts";
import { UNIT_SYSTEMS, type Format, type UnitSystem } from "../render/options.ts";

export interface OutputOptions<Choice extends Format = Format> {
  readonly json?: boolean;
  readonly format?: Choice;
  readonly units?: UnitSystem;
  /** `--color`, `--no-color`; undefined leaves it to the terminal. */
  readonly color?: boolean;
  /** `--bars`, `--no-bars`; undefined leaves it to the terminal. */
  readonly bars?: boolean;
}

/** The options of every command that measures. */
export interface CommonOptions<Choice extends Format = Format> extends OutputOptions<Choice> {
  readonly revision?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly cache?: boolean;
  readonly debug?: boolean;
}

export function addOutputOptions(command: Command, formats: readonly Format[]): Command {
  return command
    .optionsGroup("Output:")
    .addOption(new Option("--json", "same as --format json").implies({ format: "json" }))
    .addOption(new Option("--format <format>", "output format").choices(formats))
    .addOption(new Option("--units <system>", "GB (10^9) or GiB (2^30)").choices(UNIT_SYSTEMS))
    .option("--color", "use colors, even in a pipe (or FORCE_COLOR)")
    .addOption(new Option("--no-color", "do not use colors (or NO_COLOR)"));
}

export function addCommonOptions(command: Command, formats: readonly Format[]): Command {
  return addOutputOptions(command, formats)
    .optionsGroup("Source:")
    .option("--revision <name>", "branch, tag or commit", parseValue)
    .option("--endpoint <url>", "address of another Hub or registry (or HF_ENDPOINT)", parseValue)
    .option("--offline", "do not use the network (or HF_HUB_OFFLINE)")
    .option(
      "--timeout <time>",
      "time limit per model, such as 90s or 10m (default: 2m, lists 15m)",
      parseQuantityOption("milliseconds"),
    )
    .option("--retries <count>", "retries for transient errors (default: 4)", parseWhole(0, 99))
    .option("--no-cache", "do not read or write the cache")
    .option("--debug", "print requests and stack traces");
}

/** Add the options of bars next to sizes. */
export function addBarOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option("--bars", "draw bars next to sizes on a terminal (default where there is room)")
    .option("--no-bars", "do not draw them");
}

/** Return a parser of an option's value. Its errors list the accepted forms. */
export function parseQuantityOption(kind: QuantityKind): (text: string) => number {
  return (text) => {
    try {
      return parseQuantity(text, kind);
    } catch (error) {
      if (!isFailure(error, "USAGE")) throw error;
      throw new InvalidArgumentError(`Write it as ${listQuantityForms(kind)}.`);
    }
  };
}

/** Return a parser of a whole number between two bounds, both included. */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

export function parseShare(text: string): number {
  const value = /^\d?(?:\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("It is a share above 0 and up to 1, such as 0.9.");
}

/** Split a comma-separated value. Repeatable, so that no option swallows the models after it. */
export function parseNames(value: string, previous: readonly string[] = []): readonly string[] {
  return [
    ...previous,
    ...parseValue(value)
      .split(",")
      .map((name) => name.trim()),
  ];
}

/** Refuse the next option, which commander takes for a value. A value begins with a dash only as a negative number. */
export function parseValue(value: string): string {
  if (value.trim() === "" || /^-(?!\d)/.test(value)) throw new InvalidArgumentError("A value is missing.");
  return value;
}
