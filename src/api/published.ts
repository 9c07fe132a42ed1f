/** The quantizations of a model that others have published: from the Hub's listing of them, and the files of a few. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { listPublishedForms, type PublishedForm } from "../format/packages/published-forms.ts";
import type { StoredWeights } from "../memory/memory-plan.ts";
import { findQuantization } from "../quant/registry.ts";
import type { Derivative } from "../source/hub/derivatives.ts";
import type { Repository } from "../source/repository.ts";
import type { Sources } from "../source/sources.ts";
import { sizeModel, type MeasuredModel } from "./document.ts";

export interface PublishedRow extends Omit<PublishedForm, "schemes"> {
  /** As in JSON: `gguf:Q4_K_M`. */
  readonly quantization: string;
  readonly repository: Repository;
  /** Of the last 30 days. */
  readonly downloads: number;
  /** The size that we predict, or of its variants the nearest; null where there is no prediction. */
  readonly predictedBytes: number | null;
  /** The weights with the real bytes, to plan memory with. */
  readonly stored: StoredWeights;
}

export interface Found {
  readonly rows: readonly PublishedRow[];
  readonly leftOut: readonly { readonly id: string; readonly downloads: number; readonly reason: string }[];
  /** How many repositories the Hub listed. */
  readonly listed: number;
  /** True where the Hub may have more. */
  readonly isListCut: boolean;
  /** Quantizations that only repositories have which were not read. */
  readonly unread: number;
}

export interface Search {
  /** Formats to look for, such as `gguf`; null for all. */
  readonly ecosystem: string | null;
  /** The one quantization that is looked for; null for all. */
  readonly quantization: string | null;
  /** Repositories whose files are listed, one request each. */
  readonly maxRepositories: number;
}

/** Find what others have published of a measured model. Throws LlmSizeError. */
export async function findPublished(model: MeasuredModel, sources: Sources, search: Search): Promise<Found> {
  const { reference, repository } = model;
  const isOfHub = reference.kind === "name" || reference.kind === "repository";
  if (!isOfHub || repository.source === "local")
    throw new LlmSizeError("NOT_ON_HUB", { model: reference.text });
  const [{ MAX_DERIVATIVES, requestDerivatives }, { openHubRepository }] = await Promise.all([
    import("../source/hub/derivatives.ts"),
    import("../source/hub/hub-repository.ts"),
  ]);
  return sources.hub.withDeadline(async (hub) => {
    const tags = search.ecosystem === "gguf" ? ["gguf"] : [];
    const derivatives = await requestDerivatives(hub, repository.id, tags);
    const { chosen, leftOut, unread } = chooseRepositories(derivatives, model, search);
    const read = await Promise.all(
      chosen.map(async (derivative) => {
        const { id } = derivative;
        const ref = { id, revision: null, file: null, label: null };
        try {
          const opened = await openHubRepository(hub, ref, { alias: id, cache: sources.cache });
          await opened.cached?.save();
          return { derivative, opened };
        } catch (error) {
          if (
            !(error instanceof LlmSizeError) ||
            error.retryable ||
            isFailure(error, "NOT_AVAILABLE_OFFLINE")
          )
            throw error;
          return { derivative, opened: null, reason: error.message };
        }
      }),
    );
    const gone = read.flatMap(({ derivative: { id, downloads }, reason }) =>
      reason === undefined ? [] : [{ id, downloads, reason }],
    );
    const rows = read.flatMap(({ derivative, opened }) =>
      opened ? listRows(derivative, opened, { model, search }) : [],
    );
    return {
      rows: pickRows(rows),
      leftOut: [...leftOut, ...gone],
      listed: derivatives.length,
      isListCut: derivatives.length >= MAX_DERIVATIVES,
      unread,
    };
  });
}

/** Choose the most downloaded repository of each quantization, and of a repository at least one other one as well. */
function chooseRepositories(derivatives: readonly Derivative[], model: MeasuredModel, search: Search) {
  const chosen: Derivative[] = [];
  const leftOut: { id: string; downloads: number; reason: string }[] = [];
  const [have, unread] = [new Set<string>(), new Set<string>()];
  for (const derivative of derivatives.toSorted((a, b) => b.downloads - a.downloads)) {
    const { id, downloads } = derivative;
    const reason = findMismatch(derivative, model);
    const forms = reason === null ? listForms(derivative, search) : [];
    if (reason !== null || (forms.length === 0 && isUndescribed(derivative, search))) {
      leftOut.push({
        id,
        downloads,
        reason: reason ?? "nothing in its names and tags says how it is quantized",
      });
      continue;
    }
    const fresh = forms.filter(({ schemes: [name] }) => !have.has(name));
    // Of the one quantization that is looked for, others are read too, in case the first one is mislabelled.
    if (fresh.length === 0 && (search.quantization === null || forms.length === 0)) continue;
    if (chosen.length >= search.maxRepositories) {
      for (const { schemes } of fresh) unread.add(schemes[0]);
      continue;
    }
    chosen.push(derivative);
    for (const { schemes } of fresh) have.add(schemes[0]);
  }
  return { chosen, leftOut, unread: unread.size };
}

function listForms(derivative: Derivative, search: Search): readonly PublishedForm[] {
  const files = derivative.paths.map((path) => ({ path, bytes: 0 }));
  return listPublishedForms(files, derivative).filter((form) => isWanted(form, search));
}

function isWanted({ schemes }: PublishedForm, { ecosystem, quantization }: Search): boolean {
  return (
    (ecosystem === null || schemes.some((name) => name.startsWith(`${ecosystem}:`))) &&
    (quantization === null || schemes.includes(quantization))
  );
}

function isUndescribed(derivative: Derivative, { ecosystem, quantization }: Search): boolean {
  return ecosystem === null && quantization === null && listForms(derivative, ALL).length === 0;
}

const ALL: Search = { ecosystem: null, quantization: null, maxRepositories: 0 };

/** A vision tower is not in GGUF files: 3.09 billion of 3.75 for Qwen2.5-VL-3B. */
const MIN_SHARE = 0.7;
const MAX_SHARE = 1.05;

/** Return why a repository is not of this model, whatever its card says; null where nothing speaks against it. */
function findMismatch(
  { tags, ggufParameters }: Derivative,
  { counts, repository }: MeasuredModel,
): string | null {
  const bases = new Set(
    tags.flatMap((tag) => /^base_model:quantized:(.+)$/.exec(tag)?.[1]?.toLowerCase() ?? []),
  );
  if (!bases.has(repository.id.toLowerCase()))
    return "its card does not name this model as what it quantizes";
  if (bases.size > 1) return `its card names ${bases.size} models as what it quantizes`;
  const { total, embedding } = counts;
  if (total === null || ggufParameters === null) return null;
  // A tied head may be stored again.
  const isNear =
    ggufParameters >= MIN_SHARE * total && ggufParameters <= MAX_SHARE * (total + (embedding ?? 0));
  return isNear ? null : `its GGUF file has ${ggufParameters} parameters, and this model ${total}`;
}

/** List what a repository has, with its real bytes and our prediction. */
function listRows(
  { downloads, ...card }: Derivative,
  repository: Repository,
  { model, search }: { readonly model: MeasuredModel; readonly search: Search },
): PublishedRow[] {
  return listPublishedForms(repository.files, card)
    .filter((form) => isWanted(form, search))
    .map(({ schemes, ...form }) => {
      const { quantization, predictedBytes, stored } = predictForm(schemes, form.bytes, model);
      const doubt = form.doubt ?? judgeBytes(form.bytes, predictedBytes, { quantization, model });
      const real = { ...stored, quantization, bytes: form.bytes, fetchBytes: form.bytes };
      return { ...form, doubt, quantization, repository, downloads, predictedBytes, stored: real };
    });
}

/** Predict each scheme that the form may be, and take the nearest; the first one where none can be predicted. */
function predictForm(schemes: PublishedForm["schemes"], bytes: number, model: MeasuredModel) {
  const known = schemes.flatMap((name) => findQuantization(name) ?? []);
  const sized = sizeModel(model, known, model.checkTime);
  const candidates = sized.document.sizes.flatMap((size, index) => {
    const stored = sized.stored[index];
    const all = size.bytes === null ? [] : [size.bytes, ...size.variants.map((variant) => variant.bytes)];
    return stored ? all.map((predicted) => ({ quantization: size.quantization, predicted, stored })) : [];
  });
  const [nearest] = candidates.toSorted(
    (a, b) => Math.abs(a.predicted - bytes) - Math.abs(b.predicted - bytes),
  );
  const unsized: StoredWeights = { quantization: schemes[0], bytes, fetchBytes: bytes, largestBytes: null };
  return nearest
    ? { quantization: nearest.quantization, predictedBytes: nearest.predicted, stored: nearest.stored }
    : { quantization: schemes[0], predictedBytes: null, stored: unsized };
}

/** Relative. Between two labels of GGUF there are at least 4 %; publishers of others leave more layers out. */
const MAX_DIFFERENCE = { gguf: 0.1, other: 0.25 };
/** Of 1 bit per parameter, and of fp32 with a head that is stored again. */
const BYTES_PER_PARAMETER = { min: 0.12, max: 8.5 };

/** Return why bytes may not be those of the model in this quantization; null where they may. */
function judgeBytes(
  bytes: number,
  predictedBytes: number | null,
  { quantization, model }: { readonly quantization: string; readonly model: MeasuredModel },
): string | null {
  const { total } = model.counts;
  const { min, max } = BYTES_PER_PARAMETER;
  if (predictedBytes === null)
    return total !== null && (bytes < min * total || bytes > max * total)
      ? `no file of ${total} parameters has ${bytes} bytes`
      : null;
  const difference = bytes / predictedBytes - 1;
  const limit = quantization.startsWith("gguf:") ? MAX_DIFFERENCE.gguf : MAX_DIFFERENCE.other;
  if (Math.abs(difference) <= limit) return null;
  const percent = `${difference < 0 ? "-" : "+"}${Math.abs(100 * difference).toFixed(0)} %`;
  return `${percent} from the prediction: another model, or mislabelled`;
}

/** Take one row per quantization: without doubt before with it, then the most downloaded. */
function pickRows(rows: readonly PublishedRow[]): PublishedRow[] {
  const best = new Map<string, PublishedRow>();
  const rank = ({ doubt, downloads }: PublishedRow) => (doubt === null ? 1e15 : 0) + downloads;
  for (const row of rows) {
    const other = best.get(row.quantization);
    if (!other || rank(row) > rank(other)) best.set(row.quantization, row);
  }
  return [...best.values()];
}
