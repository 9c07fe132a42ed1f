/** The verdicts of a gate, as the JSON contract has them. */
import * as z from "zod";
import {
  basisOrNull,
  countOrNull,
  numberOrNull,
  objectOrNull,
  reference,
  text,
  textOrNull,
} from "./fields.ts";
import { placeSchema } from "./places.ts";
import { KV_DTYPES, KV_LAYOUTS, OUTCOMES, RULE_NAMES } from "./terms.ts";

export const verdictSchema = z.object({
  reference,
  rule: z.enum(RULE_NAMES).describe("The limit that was checked, by its key in the config file."),
  quantization: textOrNull.describe(
    "The quantization that was judged; null for the files as published and for rules that do not depend on it.",
  ),
  limit: z.number().describe("The limit, in bytes, parameters, percent or seconds, depending on the rule."),
  actual: numberOrNull.describe("The figure, in the unit of `limit`; null where it is unknown."),
  outcome: z.enum(OUTCOMES).describe("Whether the figure is within the limit."),
  basis: basisOrNull.describe(
    "Where the figure comes from: real file sizes, exact arithmetic on real headers, or a prediction; null where it is unknown.",
  ),
  lockedBytes: numberOrNull.describe(
    "The size in the lock file that growth is measured from, in bytes; null for all other rules.",
  ),
  reason: textOrNull.describe(
    "Why the outcome is unknown, or what decided it; null where nothing needs saying.",
  ),
  why: textOrNull.describe("Why the limit is there, as written in the config file."),
  conditions: objectOrNull(
    "What the figure of memory or download time was computed for; null for all other rules.",
    {
      context: z.int().nullable().describe("The context length, in tokens."),
      batch: z.int().nullable().describe("The number of sequences at the same time."),
      kvDtype: z.enum(KV_DTYPES).nullable().describe("The dtype of the KV cache."),
      layout: z
        .enum(KV_LAYOUTS)
        .nullable()
        .describe("Whether the KV cache uses sliding windows and compressed latents, or keeps everything."),
      draft: textOrNull.default(null).describe("The draft model whose memory is added."),
      train: textOrNull.default(null).describe("How the model is trained; null where it runs."),
      gpuMemoryUtilization: numberOrNull
        .default(null)
        .describe("The share of each GPU that vLLM takes; null without several GPUs."),
      device: textOrNull.describe("The device whose limit it is."),
      recommendedBytes: numberOrNull.describe(
        "The memory recommended for the device, in bytes. A model that needs more may pass only tightly.",
      ),
      bitsPerSecond: numberOrNull.describe("The speed of the download, in bits per second."),
    },
  ).default(null), // Reports written before this key existed lack it.
  places: z.array(placeSchema).default([]).describe("Where code names the model; empty without `--scan`."),
  limitPlace: objectOrNull("Where the config file sets the limit; null for a limit of the command line.", {
    path: text.describe("The config file, relative to the working directory, with `/`."),
    line: countOrNull.describe("The line, from 1; null in a config file that is code."),
  }).default(null),
});
