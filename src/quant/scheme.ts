/** The ways real tools write a model: what a scheme is given, and what it answers. */

import type { Config } from "../format/config.ts";
import type { Weight } from "../model/weight.ts";

/** One ecosystem of tools each. */
export const FAMILIES = [
  "gguf",
  "onnx",
  "mlx",
  "mlc",
  "mediapipe",
  "litert",
  "bnb",
  "gptq",
  "awq",
  "ct",
] as const;

export type Family = (typeof FAMILIES)[number];

/** The model a size is predicted for. */
export interface Subject {
  /** Unique logical weights: no buffers, no scales, a tied head only once. */
  readonly weights: readonly Weight[];
  readonly config: Config | null;
}

/** What publishers decide for themselves; left out, a scheme does what most of them do. */
export interface SchemeOptions {
  /** Made with an importance matrix, which changes the mix of some GGUF types. */
  readonly imatrix?: boolean;
  /** Write the output head again although it is tied to the embedding. */
  readonly separateHead?: boolean;
  /** Weights that share a scale. */
  readonly groupSize?: number;
  /** Bits a weight of the embedding and the output head. */
  readonly headBits?: number;
  /** A scale for each output channel of an 8-bit ONNX layer instead of one for all. */
  readonly perChannel?: boolean;
  /** Graphs in a LiteRT bundle: one for each length of prompt, and one to decode. */
  readonly signatures?: number;
}

export interface Prediction {
  readonly bytes: number;
  /** Half the width of the error band, relative: 0.005 is ±0.5 %. Measured on published files. */
  readonly band: number;
  /** Of the largest array, with its scales; left out where the rule does not tell. */
  readonly largestBytes?: number;
  /** Where a tool writes more than one file. */
  readonly files?: readonly PredictedFile[];
  /** What was taken for granted, as in `made with an importance matrix`. */
  readonly assumptions: readonly string[];
}

export interface PredictedFile {
  readonly path: string;
  readonly bytes: number;
}

/** A model that a scheme has no rule for: better no number than a wrong one. */
export interface Unpredictable {
  readonly bytes: null;
  readonly reason: string;
}

export interface Scheme {
  readonly family: Family;
  readonly name: string;
  predict(subject: Subject, options?: SchemeOptions): Prediction | Unpredictable;
}
