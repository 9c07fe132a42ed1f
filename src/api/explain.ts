/** Where each number of a model comes from, as data. */
import type { Explanation } from "../contract/types.ts";
import { isUnknown } from "../contract/unknown.ts";
import { isFailure } from "../errors.ts";
import { listFiles } from "../format/packages/package-choice.ts";
import { countElements } from "../format/tensor.ts";
import type { ClassifiedTensors } from "../model/classify-tensors.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import { predict, type Quantization } from "../quant/quantization.ts";
import { groupTensors } from "../quant/tensor-types.ts";
import { LAYER_PATTERN, type Weight } from "../model/weight.ts";
import type { Reference } from "../source/reference.ts";
import { buildFile } from "../source/repository.ts";
import type { MeasuredModel } from "./document.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { buildFailure, measureOne, startReport } from "./measure.ts";

/** Measure one model and explain it; one that cannot be measured is an entry of `failures`. */
export async function explainModel(
  reference: Reference,
  options: Omit<MeasureOptions, "quantizations"> & { readonly quantizations?: readonly Quantization[] },
): Promise<Explanation> {
  const { quantizations = LEVEL_QUANTIZATIONS } = options;
  const outcome = await measureOne(reference, { ...options, quantizations });
  const [model] = outcome.models;
  const failures = [...outcome.failures];
  try {
    if (model) return { ...buildExplanation(model, quantizations), failures };
  } catch (error) {
    if (!isFailure(error, "MODEL_TIMED_OUT")) throw error;
    failures.push(buildFailure(reference.text, error, options.onBug));
  }
  return {
    ...startReport(),
    model: null,
    tensors: null,
    quantized: [],
    files: { used: [], notUsed: [] },
    hub: null,
    failures,
  };
}

function buildExplanation(
  model: MeasuredModel,
  quantizations: readonly Quantization[],
): Omit<Explanation, "failures"> {
  const { checkpoint, classified, document } = model;
  const used = checkpoint ? listFiles(checkpoint) : [];
  return {
    ...startReport(),
    model: document,
    tensors: classified && {
      unpacked: [...classified.unpacked],
      weights: sumWeights(classified.weights),
      notCounted: sumExcluded(classified),
    },
    quantized: listQuantizedTensors(model, quantizations),
    files: {
      used: used.map(buildFile),
      notUsed: (checkpoint?.account ?? [])
        .filter(({ is }) => is !== "checkpoint")
        .map(({ is, why, ...file }) => ({ ...buildFile(file), is, reason: why })),
    },
    hub: compareWithHub(model),
  };
}

/** Sum weights by layer, role and dtype. */
function sumWeights(weights: readonly Weight[]): NonNullable<Explanation["tensors"]>["weights"] {
  const sums = new Map<string, NonNullable<Explanation["tensors"]>["weights"][number]>();
  for (const { name, role, dtype, parameters } of weights) {
    const { prefix, index } = LAYER_PATTERN.exec(name)?.groups ?? {};
    const layer = prefix === undefined ? null : `${prefix}.${index}`;
    const key = JSON.stringify([layer, role, dtype]);
    const sum = sums.get(key);
    if (sum) sum.parameters += parameters;
    else sums.set(key, { layer, role, dtype, parameters });
  }
  const collator = new Intl.Collator("en", { numeric: true });
  return [...sums.values()].toSorted((a, b) => collator.compare(a.layer ?? "", b.layer ?? ""));
}

/** List the tensors that tools would write, where their names are known. */
function listQuantizedTensors(
  model: MeasuredModel,
  quantizations: readonly Quantization[],
): Explanation["quantized"] {
  const { logical } = model;
  if (!logical) return [];
  return quantizations.flatMap((quantization) => {
    model.checkTime();
    const prediction = predict(quantization, logical);
    if (isUnknown(prediction) || !prediction.listTensors) return [];
    return [{ quantization: quantization.name, tensors: groupTensors(prediction.listTensors()) }];
  });
}

type ExcludedKind = NonNullable<Explanation["tensors"]>["notCounted"][number];

/** Sum the tensors that are not counted by reason, the heaviest first. */
function sumExcluded({ excluded }: ClassifiedTensors): ExcludedKind[] {
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

/** Compare our count with the Hub's, and say where the difference comes from. */
function compareWithHub({ repository, counts, classified }: MeasuredModel): Explanation["hub"] {
  const { summary } = repository;
  if (!summary) return null;
  const difference = counts.total === null ? null : summary.total - counts.total;
  if (difference === 0 || difference === null || !classified)
    return { total: summary.total, difference, reason: null };
  const also = findSum(sumExcluded(classified), difference);
  const reason =
    also === null
      ? "the Hub's count differs; it is computed on upload and not verified"
      : `the Hub also counts ${also.map(({ reason: kind, elements }) => `${REASONS[kind] ?? kind} (${elements})`).join(", ")}`;
  return { total: summary.total, difference, reason };
}

/** Return the kinds of tensors whose elements add up to the difference, most kinds first; null where none do. */
function findSum(kinds: readonly ExcludedKind[], difference: number): readonly ExcludedKind[] | null {
  const stored = kinds.filter(({ elements }) => elements > 0);
  for (let choice = 2 ** stored.length - 1; choice > 0; choice--) {
    const chosen = stored.filter((_, index) => (choice >> index) % 2 === 1);
    if (chosen.reduce((sum, { elements }) => sum + elements, 0) === difference) return chosen;
  }
  return null;
}

const REASONS: Readonly<Record<string, string>> = {
  tied: "the copy of a tied weight",
  buffer: "buffers",
  scale: "scales",
  "zero-point": "zero points",
  duplicate: "tensors stored twice",
  copy: "averaged copies",
  training: "the state of the optimizer",
  frozen: "weights that the adapter does not train",
};
