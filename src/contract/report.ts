/** The JSON contract, version 1: the types, the validation and the shipped JSON Schema all come from here. */
import * as z from "zod";
import { NOTE_CODES } from "../notes.ts";
import { BASES, EVIDENCE, ROLES, SOURCES } from "./terms.ts";
import { memorySchema } from "./memory.ts";
import { verdictSchema } from "./verdicts.ts";

const count = z.int().nonnegative();
const bytes = count;

export const fileSchema = z.object({ path: z.string(), bytes });

const published = z.object({
  format: z.string(),
  bytes,
  /** `published`: a sum of real file sizes; `computed`: of tensors, where the files cannot be asked for. */
  basis: z.enum(["published", "computed"]),
  files: z.array(fileSchema),
  /** Of these files, over the parameters; null where these are not known. */
  bitsPerWeight: z.number().nonnegative().nullable(),
  /** Everything in the repository; null when there is no listing. */
  repositoryBytes: bytes.nullable(),
  alternatives: z.array(
    z.object({ format: z.string(), label: z.string(), bytes, files: z.array(fileSchema) }),
  ),
});

const companion = z.object({ bytes, files: z.array(fileSchema) });

const size = z.object({
  quantization: z.string(),
  bytes: bytes.nullable(),
  bitsPerWeight: z.number().nonnegative().nullable(),
  /** Null where the size is unknown. */
  basis: z.enum(BASES).nullable(),
  /** Half the width of a prediction's error band, relative: 0.005 is ±0.5 %. Null for what is no prediction of a scheme. */
  errorBand: z.number().nonnegative().nullable(),
  /** What the runtime of a scheme fetches beside these files: `tokenizer` and `config` of `companions`. */
  companionBytes: bytes.nullable(),
  /** What a prediction takes for granted. */
  assumptions: z.array(z.string()),
  /** Why there is no figure; null where there is one. */
  reason: z.string().nullable(),
});

export const modelSchema = z.object({
  reference: z.string(),
  id: z.string(),
  revision: z.string().nullable(),
  source: z.enum(SOURCES),
  evidence: z.enum(EVIDENCE),
  architecture: z.string().nullable(),
  modelType: z.string().nullable(),
  /** Of an adapter (peft): what it changes and the model it belongs on. */
  adapter: z
    .object({
      type: z.string(),
      rank: count.nullable(),
      targets: z.array(z.string()),
      base: z.string().nullable(),
      /** Its parameters over those of the base; null where the base was not measured. */
      shareOfBase: z.number().nonnegative().nullable(),
    })
    .nullable(),
  parameters: z.object({
    total: count.nullable(),
    active: count.nullable(),
    embedding: count.nullable(),
    stored: count.nullable(),
    byDtype: z.record(z.string(), count),
    byRole: z.record(z.enum(ROLES), count).nullable(),
  }),
  sizeClass: z.object({ label: z.string(), basis: z.enum(["name", "count"]) }).nullable(),
  published: published.nullable(),
  sizes: z.array(size),
  /** What a runtime fetches beside the weights, by real file sizes; null where there is no listing. */
  companions: z.object({ tokenizer: companion, config: companion }).nullable(),
  /** Null where no context was asked for. */
  memory: memorySchema.nullable(),
  notes: z.array(z.object({ code: z.enum(NOTE_CODES), message: z.string() })),
});

export const failureSchema = z.object({
  reference: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  retryable: z.boolean(),
});

const pairOf = <Schema extends z.ZodType>(value: Schema) => z.object({ before: value, after: value });

const changeSchema = z.object({
  reference: z.string(),
  id: pairOf(z.string()).nullable(),
  revision: pairOf(z.string().nullable()).nullable(),
  figures: z.array(
    pairOf(count.nullable()).extend({ name: z.string(), growthPercent: z.number().nullable() }),
  ),
  files: z.array(pairOf(bytes.nullable()).extend({ path: z.string() })),
});

export const reportSchema = z.object({
  schemaVersion: z.literal(1),
  generator: z.object({ name: z.literal("llm-size"), version: z.string() }),
  models: z.array(modelSchema),
  failures: z.array(failureSchema),
  verdicts: z.array(verdictSchema),
  passed: z.boolean().nullable(),
  /** What changed in each model since the lock file was written; empty without one. */
  changes: z.array(changeSchema),
});

export type Report = z.infer<typeof reportSchema>;
export type ModelReport = z.infer<typeof modelSchema>;
export type Failure = z.infer<typeof failureSchema>;
export type Published = z.infer<typeof published>;
export type Size = z.infer<typeof size>;
