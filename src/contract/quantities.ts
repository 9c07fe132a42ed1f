/** Numbers with a unit, as people write them in flags and config files. */
import { LlmSizeError } from "../errors.ts";
import { MAX_CONTEXT_TOKENS } from "./terms.ts";

interface Kind {
  /** What one is called in an error. */
  readonly noun: string;
  /** Forms to choose from. */
  readonly accepted: string;
  /** By unit in lower case; `""` where a bare number is accepted. */
  readonly units: Readonly<Record<string, number>>;
  /** What one of the result is in the units of the table; 1 by default. */
  readonly divisor?: number;
  /** Counts of indivisible things: 1.4GiB, 1503238553.6 bytes, is 1503238553. */
  readonly whole: boolean;
  /** Whether fractions are refused in any unit, not only in single ones. */
  readonly isInteger?: boolean;
  readonly allowsZero?: boolean;
  readonly max?: number;
  /** `Gb` and `Mbps` are bits, which have a meaning of their own here or none. */
  readonly bits?: "refused" | "counted";
}

const COUNTS = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const BYTES = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };
const BINARY_BYTES = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };
const KILOBITS = { kbps: 1e3, "kb/s": 1e3, "kbit/s": 1e3 };
const MEGABITS = { mbps: 1e6, "mb/s": 1e6, "mbit/s": 1e6 };
const GIGABITS = { gbps: 1e9, "gb/s": 1e9, "gbit/s": 1e9 };

const KINDS = {
  bytes: {
    noun: "size",
    accepted: "1.5GB, 1500MB, 900kB, 1.4GiB or 1500000000B",
    units: { ...BYTES, ...BINARY_BYTES },
    whole: true,
    bits: "refused",
  },
  parameters: { noun: "number of parameters", accepted: "3B, 1.5B or 350M", units: COUNTS, whole: true },
  class: { noun: "size class", accepted: "7B, 0.5B, 350M or 8x7B", units: COUNTS, whole: true },
  seconds: { noun: "time", accepted: "30s, 2min or 1h", units: MILLISECONDS, divisor: 1000, whole: false },
  /** A bare number is one of seconds. */
  milliseconds: {
    noun: "time",
    accepted: "90s, 10m or 1h",
    units: { "": 1000, ...MILLISECONDS },
    whole: true,
    // The longest timer of Node.js.
    max: 2 ** 31 - 1,
  },
  percent: {
    noun: "growth",
    accepted: "2%, 0.5% or 0%",
    units: { "%": 1 },
    whole: false,
    allowsZero: true,
  },
  bitsPerSecond: {
    noun: "speed",
    // The last two are names of speeds, which the room of memory knows.
    accepted: "50Mbps, 6.25MB/s, 4g or broadband",
    units: { ...KILOBITS, ...MEGABITS, ...GIGABITS },
    whole: false,
    bits: "counted",
  },
  tokens: {
    noun: "number of tokens",
    accepted: "8192, 8k or 1m",
    units: { "": 1, k: 1024, m: 1024 ** 2 },
    whole: true,
    isInteger: true,
    max: MAX_CONTEXT_TOKENS,
  },
} as const satisfies Record<string, Kind>;

export type QuantityKind = keyof typeof KINDS;

const FORM =
  /^(?:(?<experts>\d{1,3})x)?(?<whole>\d{1,15})(?:\.(?<fraction>\d{1,9}))? ?(?<unit>%|[a-z]{0,4}(?:\/s)?)$/i;

/**
 * Parse a number with its unit, by decimal arithmetic. The unit's case does not matter, except that a small b after a
 * capital letter is bits. Throws USAGE with the accepted forms.
 * @example parseQuantity("1.4GiB", "bytes") //=> 1503238553
 * @example parseQuantity("8x7B", "class") //=> 56000000000, the product it names
 * @example parseQuantity("8k", "tokens") //=> 8192
 */
export function parseQuantity(text: string, kind: QuantityKind): number {
  const { noun, accepted, units, divisor = 1, whole, isInteger, allowsZero, max, bits }: Kind = KINDS[kind];
  const invalid = (reason: string) =>
    new LlmSizeError("USAGE", {
      message: `invalid ${noun} "${text}": ${reason}`,
      hint: `write it as ${accepted}`,
    });
  const groups = FORM.exec(text.trim())?.groups;
  const { experts, whole: digits = "", fraction = "", unit: written = "" } = groups ?? {};
  if (!groups || (experts !== undefined && kind !== "class")) throw invalid(explainForm(text));
  if (bits === "refused" && /^[KMGT]i?b$/.test(written))
    throw invalid(`${written} means bits; bytes are ${written.slice(0, -1)}B`);
  const unit = new Map(Object.entries(units)).get(written.toLowerCase());
  if (unit === undefined) throw invalid(written === "" ? "its unit is missing" : `unknown unit ${written}`);
  if (fraction !== "" && (isInteger || (whole && unit === 1))) throw invalid("it has to be a whole number");
  const factor = bits === "counted" && written.includes("B") ? 8n : 1n;
  const exact = BigInt(digits + fraction) * BigInt(unit) * BigInt(experts ?? 1) * factor;
  const scale = 10n ** BigInt(fraction.length) * BigInt(divisor);
  const value = whole ? Number(exact / scale) : Number(exact) / Number(scale);
  if (value === 0 && !allowsZero) throw invalid("it has to be above zero");
  if (value > (max ?? Number.MAX_SAFE_INTEGER)) throw invalid("it is too large");
  return value;
}

function explainForm(text: string): string {
  return /^\s*-/.test(text) ? "it has to be above zero" : "write one plain number and its unit";
}

/** List the forms that a quantity may have, for help and errors. */
export function listQuantityForms(kind: QuantityKind): string {
  return KINDS[kind].accepted;
}
