/** Numbers in words: rounded first, then given a unit. */
import type { UnitSystem } from "./options.ts";

interface Unit {
  readonly name: string;
  readonly value: number;
}

const UNITS = {
  si: listUnits(["B", "kB", "MB", "GB", "TB", "PB"], 1000),
  iec: listUnits(["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 1024),
  /** Millions and billions (10^9) of parameters, as in the names of models. */
  counts: listUnits(["", "K", "M", "B", "T"], 1000),
} satisfies Record<UnitSystem | "counts", readonly Unit[]>;

function listUnits(names: readonly string[], step: number): readonly Unit[] {
  return names.map((name, power) => ({ name, value: step ** power }));
}

/** The one unit of several numbers. */
export interface Scale {
  readonly unit: string;
  format(value: number): string;
}

/** Choose the unit that suits the largest of several numbers: bytes in a system of units, or counts of parameters. */
export function chooseScale(values: readonly (number | null)[], units: UnitSystem | "counts"): Scale {
  const largest = Math.max(0, ...values.filter((value) => value !== null));
  // The largest unit in which the rounded value is at least one: 999,500 B is 1.00 MB, not 1000 kB.
  const { name, value: size } = UNITS[units].findLast(
    (unit) => Number((largest / unit.value).toPrecision(3)) >= 1,
  ) ??
    UNITS[units][0] ?? { name: "", value: 1 };
  return { unit: name, format: (value) => formatRounded(value / size) };
}

/**
 * Format a byte count with its unit.
 * @example formatBytes(999_499, "si") //=> "999 kB"
 * @example formatBytes(999_500, "si") //=> "1.00 MB"
 */
export function formatBytes(bytes: number, system: UnitSystem): string {
  const { unit, format } = chooseScale([bytes], system);
  return `${format(bytes)} ${unit}`;
}

/** @example formatCount(2_506_172_416) //=> "2.51B" */
export function formatCount(count: number): string {
  const { unit, format } = chooseScale([count], "counts");
  return `${format(count)}${unit}`;
}

/** @example groupDigits(2_506_172_416) //=> "2,506,172,416" */
export function groupDigits(value: number): string {
  // The first `toLocaleString` of a process takes 25 ms.
  const [whole = "", ...fraction] = String(value).split(".");
  return [whole.replace(/\d(?=(?:\d{3})+$)/g, "$&,"), ...fraction].join(".");
}

/** Round to three significant digits; whole numbers below the next unit (1023 KiB) stay whole. */
function formatRounded(value: number): string {
  if (value === 0 || (Number.isInteger(value) && value < 1024)) return String(value);
  const rounded = value.toPrecision(3);
  return rounded.includes("e") ? String(Number(rounded)) : rounded;
}

/**
 * @example formatDuration(95) //=> "1 min 35 s"
 * @example formatDuration(120) //=> "2 min"
 */
export function formatDuration(seconds: number): string {
  if (Number(seconds.toFixed(1)) < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  const minutes = Math.round(whole / 60);
  return join([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

function join(...parts: readonly (readonly [number, string])[]): string {
  return parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(" ");
}

/** @example formatSpeed(1_600_000) //=> "1.6 Mbps" */
export function formatSpeed(bitsPerSecond: number): string {
  const [unit, value] =
    bitsPerSecond >= 1e9 ? ["Gbps", 1e9] : bitsPerSecond >= 1e6 ? ["Mbps", 1e6] : ["kbps", 1e3];
  return `${Number((bitsPerSecond / value).toPrecision(3))} ${unit}`;
}

/**
 * Format a number of tokens in thousands, rounded down.
 * @example formatTokens(8200) //=> "8k"
 */
export function formatTokens(tokens: number): string {
  return tokens >= 1024 ? `${Math.floor(tokens / 1024)}k` : String(tokens);
}

/**
 * Format a context length exactly.
 * @example formatContext(8192) //=> "8k"
 * @example formatContext(5000) //=> "5000"
 */
export function formatContext(tokens: number): string {
  return tokens % 1024 === 0 ? formatTokens(tokens) : String(tokens);
}
