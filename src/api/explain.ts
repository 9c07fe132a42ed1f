/** Where each number of a model comes from, as data. */
import { examineModel, type Examination } from "./load.ts";
import { listFiles } from "../format/checkpoints.ts";
import { countElements } from "../format/tensor.ts";
import { parseWeightFile } from "../format/weight-file.ts";
import { describeFailure, describeModel, startReport, trackProgress, type Measurement } from "./measure.ts";
import type { ClassifiedTensors } from "../model/classify-tensors.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Explanation } from "../contract/explanation.ts";
import type { Sources } from "../source/open.ts";
import type { Reference } from "../source/reference.ts";

/** Examines one model and explains it; one that cannot be measured is an entry of `failures`. */
export async function explainReference(
  reference: Reference,
  sources: Sources,
  hooks: Pick<Measurement, "onProgress" | "onBug">,
): Promise<Explanation> {
  try {
    const onFile = trackProgress(hooks.onProgress);
    return await sources.hub.giveTime(async (hub) =>
      explainModel(await examineModel(reference, { ...sources, hub }, onFile)),
    );
  } catch (error) {
    const failures = [describeFailure(reference.text, error, hooks.onBug)];
    return {
      ...startReport(),
      model: null,
      anatomy: null,
      files: { used: [], notUsed: [] },
      hub: null,
      failures,
    };
  }
}

function explainModel(examination: Examination): Explanation {
  const { repository, evidence, anatomy } = examination;
  const used = evidence.checkpoint ? listFiles(evidence.checkpoint) : [];
  const usedPaths = new Set(used.map(({ path }) => path));
  return {
    ...startReport(),
    model: describeModel(examination, LEVEL_QUANTIZATIONS),
    anatomy: anatomy && {
      unpacked: [...anatomy.unpacked],
      notCounted: sumExcluded(anatomy),
    },
    files: {
      used: used.map(({ path, bytes }) => ({ path, bytes })),
      notUsed: repository.files
        .filter(({ path }) => !usedPaths.has(path))
        .map(({ path, bytes }) => ({ path, bytes, reason: describeReason(path) })),
    },
    hub: compareWithHub(examination),
    failures: [],
  };
}

/** Left-out tensors by reason, the heaviest first. */
function sumExcluded({ excluded }: ClassifiedTensors): NonNullable<Explanation["anatomy"]>["notCounted"] {
  const sums = new Map<string, { tensors: number; elements: number; bytes: number; example: string }>();
  for (const { tensor, reason } of excluded) {
    const sum = sums.get(reason) ?? { tensors: 0, elements: 0, bytes: 0, example: tensor.name };
    sums.set(reason, sum);
    sum.tensors++;
    sum.elements += countElements(tensor.shape) ?? 0;
    sum.bytes += tensor.bytes;
  }
  return [...sums].map(([reason, sum]) => ({ reason, ...sum })).toSorted((a, b) => b.bytes - a.bytes);
}

/** Why a loader of the checkpoint passes a file over. */
function describeReason(path: string): string {
  const weights = parseWeightFile({ path, bytes: 0 });
  if (!weights) return "no weights";
  const { format, folder, variant } = weights;
  if (variant !== "") return `another precision (${variant})`;
  if (folder === "original" || path.startsWith("consolidated")) return "the same weights as first released";
  return format === "safetensors" ? "not part of this checkpoint" : `the weights as ${format}`;
}

/** The Hub's own count, and what makes ours another. */
function compareWithHub({ repository, counts, anatomy }: Examination): Explanation["hub"] {
  const { summary } = repository;
  if (!summary) return null;
  const difference = counts.total === null ? null : summary.total - counts.total;
  if (difference === 0 || difference === null || !anatomy)
    return { total: summary.total, difference, reason: null };
  const parts = sumExcluded(anatomy).map(
    ({ reason, elements }) => `${REASONS[reason] ?? reason} (${elements})`,
  );
  const reason =
    summary.total === counts.stored && parts.length > 0
      ? `the Hub counts all that is stored: also ${parts.join(", ")}`
      : "the Hub counted otherwise; its count is made when a repository changes and not checked";
  return { total: summary.total, difference, reason };
}

const REASONS: Readonly<Record<string, string>> = {
  tied: "the copy of a tied weight",
  buffer: "buffers",
  scale: "scales",
  "zero-point": "zero points",
  duplicate: "tensors stored twice",
};
