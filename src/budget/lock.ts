/** The lock file: the accepted sizes of each model. */
import * as z from "zod";
import { findDuplicateKeys } from "../contract/json-keys.ts";
import { LlmSizeError } from "../errors.ts";
import type { ModelReport, Report } from "../contract/types.ts";
import { findDoubt } from "./doubt.ts";
import { explainIssue } from "./schema-issue.ts";

export const LOCK_FILE = "llm-size.lock.json";

const count = z.int().nonnegative().nullable();

const lockedModelSchema = z.strictObject({
  reference: z.string(),
  id: z.string(),
  revision: z.string().nullable(),
  parameters: count,
  publishedBytes: count,
  /** Bytes of the published files by path. */
  files: z.record(z.string(), z.int().nonnegative()),
  /** Bytes by quantization. */
  sizes: z.record(z.string(), count),
  /** The files of code that name the model, each with the quantizations that it loads; null for what is published. */
  namedIn: z.record(z.string(), z.array(z.string().nullable())).optional(),
});

const lockSchema = z.strictObject({
  lockVersion: z.literal(1),
  models: z.array(lockedModelSchema),
});

export type LockedModel = Readonly<z.infer<typeof lockedModelSchema>>;
export interface Lock {
  readonly lockVersion: 1;
  /** One entry per reference, sorted by id. */
  readonly models: readonly LockedModel[];
}

/** Build the lock entry of a model. A value in doubt is null, so that no growth is measured from it. */
export function lockModel(model: ModelReport): LockedModel {
  const { reference, id, revision, parameters, published, sizes } = model;
  const isSure = findDoubt("weights", model) === null;
  return {
    reference,
    id,
    revision,
    parameters: isSure ? parameters.total : null,
    publishedBytes: published?.bytes ?? null,
    files: Object.fromEntries(published?.files.map(({ path, bytes }) => [path, bytes]) ?? []),
    sizes: Object.fromEntries(
      sizes.map(({ quantization, bytes, basis }) => [
        quantization,
        isSure || basis === "published" ? bytes : null,
      ]),
    ),
  };
}

/** Build the lock file of a report. */
export function buildLock({ models }: Pick<Report, "models">): Lock {
  const entries = new Map(models.map((model) => [model.reference, lockModel(model)]));
  return { lockVersion: 1, models: [...entries.values()].toSorted(compareEntries) };
}

/** Compare by code units, so that the order is the same on every machine. */
function compareEntries(left: LockedModel, right: LockedModel): number {
  if (left.id !== right.id) return left.id < right.id ? -1 : 1;
  return left.reference < right.reference ? -1 : 1;
}

/** Render the file with one field per line, so that its diffs are easy to read. */
export function renderLock(lock: Lock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** Parse the text of a lock file. Throws CONFIG_INVALID. */
export function parseLock(text: string, file: string = LOCK_FILE): Lock {
  const invalid = (path: string, problem: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path, problem, hint: "delete it and run check --update" });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("", "is not JSON");
  }
  const [repeated] = findDuplicateKeys(text);
  if (repeated !== undefined) throw invalid(repeated, "is there twice");
  const parsed = lockSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const { path, problem } = explainIssue(parsed.error.issues[0]);
    throw invalid(path, problem);
  }
  const references = parsed.data.models.map(({ reference }) => reference);
  const twice = references.findIndex((reference, index) => references.indexOf(reference) !== index);
  if (twice !== -1) throw invalid(`models[${twice}]`, `${references[twice]} is listed twice`);
  return parsed.data;
}
