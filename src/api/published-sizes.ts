/** The real bytes of quantizations that others have published, in place of our predictions. */
import { findQuantization } from "../quant/registry.ts";
import { computeBitsPerWeight } from "../quant/sizes.ts";
import type { Note } from "../notes.ts";
import type { Sources } from "../source/sources.ts";
import type { MeasuredModel } from "./document.ts";
import { findPublished } from "./published.ts";

/** Read in case that the most downloaded repository is mislabelled. */
const MAX_REPOSITORIES = 3;

type Size = MeasuredModel["document"]["sizes"][number];

/** Take sizes as others have published them; unknown where nobody has, or only in doubt. Throws LlmSizeError. */
export async function takePublishedSizes(
  model: MeasuredModel,
  quantizations: readonly string[],
  sources: Sources,
): Promise<MeasuredModel> {
  const notes: Note[] = [];
  const real = new Map<string, number | null>();
  const sizes: Size[] = [];
  for (const size of model.document.sizes) {
    const isOwn = size.basis === "published";
    if (isOwn || !quantizations.includes(size.quantization)) sizes.push(size);
    else {
      const { bytes, reason, note } = await findPublishedSize(model, size.quantization, sources);
      if (note) notes.push(note);
      real.set(size.quantization, bytes);
      sizes.push({
        ...size,
        bytes,
        bitsPerWeight: bytes === null ? null : computeBitsPerWeight(bytes, model.counts.total),
        basis: bytes === null ? null : "published",
        errorBand: null,
        variants: [],
        assumptions: [],
        reason,
      });
    }
  }
  const stored = model.stored.map((weights) => {
    const bytes = real.get(weights.quantization);
    return bytes === undefined ? weights : { ...weights, bytes, fetchBytes: bytes };
  });
  return {
    ...model,
    stored,
    document: { ...model.document, sizes, notes: [...model.document.notes, ...notes] },
  };
}

async function findPublishedSize(model: MeasuredModel, quantization: string, sources: Sources) {
  const ecosystem = findQuantization(quantization)?.ecosystem.name ?? null;
  if (ecosystem === null || ecosystem === "level")
    return {
      bytes: null,
      reason: `nobody publishes the level ${quantization}; name a format, such as Q4_K_M`,
      note: null,
    };
  const search = { ecosystem, quantization, maxRepositories: MAX_REPOSITORIES };
  const { rows } = await findPublished(model, sources, search);
  const row = rows.find((one) => one.quantization === quantization);
  if (!row)
    return { bytes: null, reason: `nobody is known to have published it as ${quantization}`, note: null };
  const { repository, bytes, doubt, downloads } = row;
  if (doubt !== null) return { bytes: null, reason: `${repository.id}: ${doubt}`, note: null };
  const commit = repository.revision?.slice(0, 7) ?? "";
  const message = `${quantization} is that of ${repository.id} at ${commit} (${downloads} downloads per month)`;
  return { bytes, reason: null, note: { code: "PUBLISHED_USED", message } as const };
}
