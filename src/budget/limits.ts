/** Limits as people write them: a number with its unit. */
import { LlmSizeError } from "../errors.ts";

interface Kind {
  /** What one is called in an error. */
  readonly noun: string;
  /** Forms to choose from. */
  readonly accepted: string;
  readonly units: ReadonlyMap<string, number>;
  /** Counts of indivisible things: a limit of 1.4GiB, 1503238553.6 bytes, is one of 1503238553. */
  readonly whole: boolean;
  readonly allowsZero?: boolean;
}

const COUNT_UNITS = new Map([
  ["K", 1e3],
  ["M", 1e6],
  ["B", 1e9],
  ["T", 1e12],
]);

const KINDS = {
  bytes: {
    noun: "size",
    accepted: "1.5GB, 1500MB, 900kB, 1.4GiB or 1500000000B",
    // KB is what many write for kB. Other letters keep their case: Gb is a gigabit.
    units: new Map([
      ["B", 1],
      ["kB", 1e3],
      ["KB", 1e3],
      ["MB", 1e6],
      ["GB", 1e9],
      ["TB", 1e12],
      ["KiB", 2 ** 10],
      ["MiB", 2 ** 20],
      ["GiB", 2 ** 30],
      ["TiB", 2 ** 40],
    ]),
    whole: true,
  },
  parameters: { noun: "number of parameters", accepted: "3B, 1.5B or 350M", units: COUNT_UNITS, whole: true },
  class: { noun: "size class", accepted: "7B, 0.5B, 350M or 8x7B", units: COUNT_UNITS, whole: true },
  seconds: {
    noun: "time",
    accepted: "30s, 2min or 1h",
    units: new Map([
      ["s", 1],
      ["m", 60],
      ["min", 60],
      ["h", 3600],
    ]),
    whole: false,
  },
  percent: {
    noun: "growth",
    accepted: "2%, 0.5% or 0%",
    units: new Map([["%", 1]]),
    whole: false,
    allowsZero: true,
  },
} as const satisfies Record<string, Kind>;

export type LimitKind = keyof typeof KINDS;

const FORM =
  /^(?:(?<experts>\d{1,3})x)?(?<whole>\d{1,15})(?:\.(?<fraction>\d{1,9}))? ?(?<unit>[a-z]{1,3}|%)$/i;

/**
 * Reads a limit into bytes, parameters, seconds or percent, by decimal arithmetic. Throws USAGE with the accepted forms.
 * @example parseLimit("1.4GiB", "bytes") //=> 1503238553
 * @example parseLimit("8x7B", "class") //=> 56000000000, the total it names
 */
export function parseLimit(text: string, kind: LimitKind): number {
  const { noun, accepted, units, whole, allowsZero }: Kind = KINDS[kind];
  const invalid = (reason: string) =>
    new LlmSizeError("USAGE", {
      message: `"${text}" is no ${noun}: ${reason}`,
      hint: `write it as ${accepted}`,
    });
  const groups = FORM.exec(text.trim())?.groups;
  const { experts, whole: digits = "", fraction = "", unit: written = "" } = groups ?? {};
  // Models are named 7b and 350m as well.
  const unit = units.get(units === COUNT_UNITS ? written.toUpperCase() : written);
  if (!groups || (experts !== undefined && kind !== "class")) throw invalid(explainForm(text));
  if (unit === undefined) throw invalid(`${written} is not a unit of it`);
  if (whole && unit === 1 && fraction !== "") throw invalid("there are no fractions of a byte");
  const exact = BigInt(digits + fraction) * BigInt(unit) * BigInt(experts ?? 1);
  const scale = 10n ** BigInt(fraction.length);
  const limit = whole ? Number(exact / scale) : Number(exact) / Number(scale);
  if (limit === 0 && !allowsZero) throw invalid("it has to be above zero");
  if (limit > Number.MAX_SAFE_INTEGER) throw invalid("it is too large");
  return limit;
}

function explainForm(text: string): string {
  if (/^\s*[\d.]+\s*$/.test(text)) return "its unit is missing";
  if (/^\s*-/.test(text)) return "it has to be above zero";
  return "it takes one plain number and its unit";
}

/** What a limit of a kind may look like, for help and errors. */
export function listLimitForms(kind: LimitKind): string {
  return KINDS[kind].accepted;
}
