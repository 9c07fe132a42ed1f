/** The memory that a model takes while it runs, as the JSON contract has it. */
import * as z from "zod";
import { BOUNDS, DEVICE_KINDS, FIT_OUTCOMES, KV_DTYPES, KV_LAYOUTS, NO_LIMIT_TOKENS } from "./terms.ts";

const count = z.int().nonnegative();
const bytes = count;
const seconds = z.number().nonnegative();

const maxContext = count
  .nullable()
  .describe(
    `Tokens that fit; ${NO_LIMIT_TOKENS} where the model has no limit, null where it keeps none or none are known.`,
  );

export const memorySchema = z.object({
  context: count,
  batch: count,
  kvDtype: z.enum(KV_DTYPES),
  layout: z.enum(KV_LAYOUTS),
  /** Null where the kind of attention is not known. */
  kvCacheBytes: bytes.nullable(),
  kvCacheBytesPerToken: bytes.nullable(),
  /** An estimate; beside the heaviest weights, where it is a share of them. */
  overheadBytes: bytes,
  /** Tokens that the model was made for; null where there is no limit, or none is known. */
  modelContext: count.nullable(),
  weights: z.array(
    z.object({
      quantization: z.string(),
      bytes: bytes.nullable(),
      /** With the tokenizer and the config; null where these are not known. */
      fetchBytes: bytes.nullable(),
      /** Of the largest array, with its scales; null where that is not known. */
      largestBytes: bytes.nullable(),
      /** An estimate, beside these weights. */
      overheadBytes: bytes.nullable(),
      totalBytes: bytes.nullable(),
      /** Of the first device whose limit is one of memory. */
      maxContext,
      /** Of the weights, on the first connection. */
      downloadSeconds: seconds.nullable(),
    }),
  ),
  devices: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      kind: z.enum(DEVICE_KINDS),
      /** What the limit is one of: all memory, the largest buffer, or what is kept on the device. */
      bounds: z.enum(BOUNDS),
      limitBytes: bytes,
      /** Beyond it a fit is tight. */
      recommendedBytes: bytes,
      limitName: z.string(),
      /** Null where the user gave none. */
      source: z.string().nullable(),
      date: z.string().nullable(),
    }),
  ),
  fits: z.array(
    z.object({
      device: z.string(),
      quantization: z.string(),
      outcome: z.enum(FIT_OUTCOMES),
      /** The limit that decided. */
      limitName: z.string(),
      maxContext,
    }),
  ),
  /** One a device: the largest quantization that fits, if only tightly. */
  largest: z.array(
    z.object({
      device: z.string(),
      quantization: z.string().nullable(),
      outcome: z.enum(FIT_OUTCOMES),
      maxContext,
    }),
  ),
  connections: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      bitsPerSecond: z.number().positive(),
      /** Null for a speed as given. */
      source: z.string().nullable(),
      /** When the source said so. */
      date: z.string().nullable(),
    }),
  ),
  downloads: z.array(
    z.object({
      connection: z.string(),
      quantization: z.string(),
      weightsSeconds: seconds.nullable(),
      /** With the tokenizer and the config; null where these are not known. */
      fetchSeconds: seconds.nullable(),
    }),
  ),
  /** Why the cache is not known. */
  reason: z.string().nullable(),
});

export type MemoryReport = z.infer<typeof memorySchema>;
