/** How a number is said: rounded first, then given a unit. */

export const UNIT_SYSTEMS = ["si", "iec"] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

interface Unit {
  readonly name: string;
  readonly value: number;
}

const BYTE_UNITS = {
  si: scale(["B", "kB", "MB", "GB", "TB", "PB"], 1000),
  iec: scale(["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 1024),
} satisfies Record<UnitSystem, readonly Unit[]>;

/** Parameters are said in millions and billions (10^9), as models are named. */
const COUNT_UNITS = scale(["", "K", "M", "B", "T"], 1000);

function scale(names: readonly string[], step: number): readonly Unit[] {
  return names.map((name, power) => ({ name, value: step ** power }));
}

export interface Scaled {
  readonly unit: string;
  /** One text a value, in the order given; null stays null. */
  readonly texts: readonly (string | null)[];
}

/** Says byte counts in the one unit that suits the largest of them. */
export function formatBytesTogether(values: readonly (number | null)[], system: UnitSystem): Scaled {
  return formatTogether(values, BYTE_UNITS[system]);
}

/** Says parameter counts in the one unit that suits the largest of them. */
export function formatCountsTogether(values: readonly (number | null)[]): Scaled {
  return formatTogether(values, COUNT_UNITS);
}

/**
 * One byte count with its unit.
 * @example formatBytes(999_499, "si") //=> "999 kB"
 * @example formatBytes(999_500, "si") //=> "1.00 MB"
 */
export function formatBytes(bytes: number, system: UnitSystem): string {
  const { unit, texts } = formatBytesTogether([bytes], system);
  return `${texts[0]} ${unit}`;
}

/** @example formatCount(2_506_172_416) //=> "2.51B" */
export function formatCount(count: number): string {
  const { unit, texts } = formatCountsTogether([count]);
  return `${texts[0]}${unit}`;
}

function formatTogether(values: readonly (number | null)[], units: readonly Unit[]): Scaled {
  const largest = Math.max(0, ...values.filter((value) => value !== null));
  const unit = chooseUnit(largest, units);
  return {
    unit: unit.name,
    texts: values.map((value) => (value === null ? null : formatRounded(value / unit.value))),
  };
}

/** The largest unit in which the rounded value is at least one: 999,500 B is 1.00 MB, not 1000 kB. */
function chooseUnit(value: number, units: readonly Unit[]): Unit {
  return (
    units.findLast((unit) => Number((value / unit.value).toPrecision(3)) >= 1) ??
    units[0] ?? { name: "", value: 1 }
  );
}

/** Three significant digits, written out; whole numbers below the next unit (1023 KiB) stay whole. */
function formatRounded(value: number): string {
  if (value === 0 || (Number.isInteger(value) && value < 1024)) return String(value);
  const rounded = value.toPrecision(3);
  return rounded.includes("e") ? String(Number(rounded)) : rounded;
}
