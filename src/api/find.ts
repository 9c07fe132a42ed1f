/** The quantizations of one model that others have published, as a document. */
import type { FindReport } from "../contract/types.ts";
import { LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../memory/memory-options.ts";
import { planFit } from "../memory/fit-plan.ts";
import { RUNTIMES, type Runtime } from "../quant/runtimes.ts";
import type { Reference } from "../source/reference.ts";
import { buildFile } from "../source/repository.ts";
import { buildMemoryInput, type MeasuredModel } from "./document.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { buildFailure, measureOne, startReport } from "./measure.ts";
import { findPublished, type PublishedRow } from "./published.ts";

export interface FindOptions extends Omit<MeasureOptions, "quantizations" | "memory" | "withBase"> {
  /** Only files that this program runs. */
  readonly runtime?: Runtime | undefined;
  readonly maxBytes?: number | undefined;
  /** Only what fits on this device at 4096 tokens. */
  readonly device?: Device | undefined;
  /** The most rows. */
  readonly limit?: number | undefined;
}

const DEFAULT_ROWS = 20;
/** With the listing and a model of one file, that is at most 12 requests. */
const DEFAULT_REPOSITORIES = 7;

/** Find what others have published of a model; a model that cannot be measured is an entry of `failures`. */
export async function findQuantizations(reference: Reference, options: FindOptions): Promise<FindReport> {
  const { runtime, limit = DEFAULT_ROWS, sources } = options;
  const outcome = await measureOne(reference, { ...options, quantizations: [] });
  const [model] = outcome.models;
  if (!model) return { ...startFind(null), failures: [...outcome.failures] };
  try {
    const found = await findPublished(model, sources, {
      ecosystem: runtime === undefined ? null : RUNTIMES[runtime],
      quantization: null,
      maxRepositories: options.limit === undefined ? DEFAULT_REPOSITORIES : Math.max(limit, 1),
    });
    const { rows, leftOut, listed, isListCut, unread } = found;
    const judged = rows.map((row) => ({ row, fit: judgeFit(row, model, options.device) }));
    const shown = judged
      .filter(
        ({ row, fit }) =>
          row.bytes <= (options.maxBytes ?? Infinity) && fit !== "exceeds" && fit !== "unknown",
      )
      .toSorted((a, b) => b.row.downloads - a.row.downloads);
    const taken = shown.slice(0, limit).toSorted(byFormatAndSize);
    return {
      ...startFind(model),
      published: taken.map(({ row, fit }) => buildRow(row, fit)),
      leftOut: [...leftOut],
      listed,
      isListCut,
      hidden: judged.length - shown.length,
      unread: unread + shown.length - taken.length,
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof LlmSizeError)) throw error;
    return { ...startFind(model), failures: [buildFailure(reference.text, error, options.onBug)] };
  }
}

type Judged = { readonly row: PublishedRow; readonly fit: FindReport["published"][number]["fit"] };

function startFind(model: MeasuredModel | null): FindReport {
  return {
    ...startReport(),
    model: model && buildModel(model),
    published: [],
    leftOut: [],
    listed: 0,
    isListCut: false,
    hidden: 0,
    unread: 0,
    failures: [],
  };
}

function buildModel({ document, counts }: MeasuredModel): NonNullable<FindReport["model"]> {
  const { reference, id, revision, source, sizeClass, notes } = document;
  return { reference, id, revision, source, sizeClass, notes, parameters: counts.total };
}

function judgeFit({ stored }: PublishedRow, model: MeasuredModel, device: Device | undefined): Judged["fit"] {
  if (!device) return null;
  const request = { ...DEFAULT_MEMORY_OPTIONS, devices: [device], connections: [] };
  return planFit({ ...buildMemoryInput(model), weights: [stored] }, request).fits[0]?.outcome ?? "unknown";
}

function byFormatAndSize({ row: a }: Judged, { row: b }: Judged): number {
  return a.format === b.format ? b.bytes - a.bytes : a.format < b.format ? -1 : 1;
}

function buildRow(row: PublishedRow, fit: Judged["fit"]): FindReport["published"][number] {
  const { quantization, format, repository, downloads, bytes, files, predictedBytes, doubt } = row;
  const { id, revision } = repository;
  return {
    quantization,
    format,
    id,
    publisher: id.split("/")[0] ?? id,
    revision,
    downloads,
    bytes,
    files: files.map(buildFile),
    predictedBytes,
    difference: predictedBytes === null ? null : bytes / predictedBytes - 1,
    fit,
    doubt,
  };
}
