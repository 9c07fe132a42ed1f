import type { Unknown } from "../contract/unknown.ts";
import type { Ecosystem, LogicalModel, Prediction, Scheme, SchemeOptions } from "./scheme.ts";

/** A scheme with the publisher's choices bound to it. */
export interface Quantization {
  /** As in JSON: `int4`, `gguf:Q4_K_M`. */
  readonly name: string;
  readonly ecosystem: Ecosystem;
  readonly scheme: Scheme;
  readonly options: SchemeOptions;
}

/** Return the name of a scheme in JSON; levels omit their ecosystem. */
export function formatSchemeName(ecosystem: Ecosystem, scheme: Scheme): string {
  return ecosystem.name === "level" ? scheme.name : `${ecosystem.name}:${scheme.name}`;
}

export function bindScheme(ecosystem: Ecosystem, scheme: Scheme, options: SchemeOptions): Quantization {
  return { name: formatSchemeName(ecosystem, scheme), ecosystem, scheme, options };
}

export function predict({ scheme, options }: Quantization, model: LogicalModel): Prediction | Unknown {
  return scheme.predict(model, options);
}

/** Drop quantizations that are listed twice. */
export function uniqueQuantizations(quantizations: readonly Quantization[]): readonly Quantization[] {
  return [...new Map(quantizations.map((quantization) => [quantization.name, quantization])).values()];
}
