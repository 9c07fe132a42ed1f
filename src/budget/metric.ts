/** The metric that a rule computes of a model, to be compared with a limit. */
import type { ModelReport, Verdict } from "../contract/types.ts";
import type { Device } from "../memory/device.ts";
import type { DraftModel, MemoryInput } from "../memory/memory-plan.ts";
import type { Budget } from "./budget.ts";
import type { Scope } from "./doubt.ts";
import type { LockedModel } from "./lock.ts";

/** A measured model, with all that a rule may need to know about it. */
export interface JudgedModel {
  readonly model: ModelReport;
  /** Null where memory is not limited. */
  readonly memory: MemoryInput | null;
  /** Its entry in the lock file. */
  readonly locked: LockedModel | null;
  /** Draft models by their references, or why one could not be measured. */
  readonly drafts?: ReadonlyMap<string, DraftModel | string> | undefined;
}

export type RuleContext = JudgedModel &
  Pick<Budget, "quantization" | "options"> & {
    /** The machine whose limit it is. */
    readonly machine?: Device | undefined;
  };

/** A value under a choice that some publishers make. */
export interface LargestValue {
  readonly value: number;
  readonly because: string;
}

/** The value that is compared with a limit. */
export interface Metric {
  readonly value: number | null;
  /** Why the value is null; empty where a note always says so. */
  readonly reason: string;
  readonly basis: Verdict["basis"];
  readonly scope: Scope;
  /** Half the width of a prediction's error band, relative to the value. */
  readonly errorBand?: number;
  /** By how much the true value may be lower, relative to the value, where that is more than the error band. */
  readonly errorBelow?: number;
  /** The largest value among the variants that publishers ship, where it is above `value`. */
  readonly largest?: LargestValue | null;
  /** The bytes that growth is measured from. */
  readonly lockedBytes?: number;
  /** Why files that belong to the model may be missing from the value. */
  readonly filesDoubt?: { readonly message: string; readonly atMostBytes: number | null } | null;
  /** A lower bound where the value is null. */
  readonly atLeast?: number;
}

/** Drop the bound of a doubt, where the metric is not in the bytes of the measured package. */
export function withoutBound(doubt: Metric["filesDoubt"] = null): NonNullable<Metric["filesDoubt"]> | null {
  return doubt ? { ...doubt, atMostBytes: null } : null;
}

export function mapLargest({ largest }: Metric, map: (bytes: number) => number): LargestValue | null {
  return largest ? { ...largest, value: map(largest.value) } : null;
}

export function absent(reason: string, scope: Scope = "files"): Metric {
  return { value: null, reason, basis: null, scope };
}
