/** The verdicts of a gate, as the JSON contract has them. */
import * as z from "zod";
import { BASES, KV_DTYPES, KV_LAYOUTS, OUTCOMES, RULE_NAMES } from "./terms.ts";

export const verdictSchema = z.object({
  reference: z.string().describe("The model as the user wrote it."),
  rule: z.enum(RULE_NAMES).describe("The limit that was checked, by its key in the config file."),
  quantization: z
    .string()
    .nullable()
    .describe(
      "The quantization that was judged; null for the files as published and for rules that do not depend on it.",
    ),
  limit: z.number().describe("The limit, in bytes, parameters, percent or seconds, depending on the rule."),
  actual: z.number().nullable().describe("The figure, in the unit of `limit`; null where it is unknown."),
  outcome: z.enum(OUTCOMES).describe("Whether the figure is within the limit."),
  basis: z
    .enum(BASES)
    .nullable()
    .describe(
      "Where the figure comes from: real file sizes, exact arithmetic on real headers, or a prediction; null where it is unknown.",
    ),
  lockedBytes: z
    .number()
    .nullable()
    .describe("The size in the lock file that growth is measured from, in bytes; null for all other rules."),
  reason: z
    .string()
    .nullable()
    .describe("Why the outcome is unknown, or what decided it; null where nothing needs saying."),
  why: z.string().nullable().describe("Why the limit is there, as written in the config file."),
  conditions: z
    .object({
      context: z.int().nullable().describe("The context length, in tokens."),
      batch: z.int().nullable().describe("The number of sequences at the same time."),
      kvDtype: z.enum(KV_DTYPES).nullable().describe("The dtype of the KV cache."),
      layout: z
        .enum(KV_LAYOUTS)
        .nullable()
        .describe("Whether the KV cache uses sliding windows and compressed latents, or keeps everything."),
      device: z.string().nullable().describe("The device whose limit it is."),
      recommendedBytes: z
        .number()
        .nullable()
        .describe(
          "The memory recommended for the device, in bytes. A model that needs more may pass only tightly.",
        ),
      bitsPerSecond: z.number().nullable().describe("The speed of the download, in bits per second."),
    })
    .nullable()
    // Reports written before this key existed lack it.
    .default(null)
    .describe("What the figure of memory or download time was computed for; null for all other rules."),
});
