/** Pictures of a report, as data. HTML draws them; text and Markdown have the tables. */
import type { Explanation, ModelReport, Verdict } from "../contract/types.ts";

export type Picture =
  /** Models side by side, as circles whose areas are their parameters. */
  | { readonly kind: "circles"; readonly models: readonly ModelReport[] }
  /** The sizes of one model as bars, with the limits of its devices and of its budgets as lines. */
  | { readonly kind: "bars"; readonly model: ModelReport; readonly budgets?: readonly Verdict[] }
  /** The weights of one model as rectangles, by layer, role and dtype. */
  | { readonly kind: "treemap"; readonly weights: WeightGroups };

export type WeightGroups = NonNullable<Explanation["tensors"]>["weights"];
