import { isModelType } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { measureLayer, orient, type LayerWidths } from "./layer-widths.ts";
import { isMatrixOf } from "./parts.ts";
import { groupDigits, isRefusal, startReducing, sumParameters } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { reshapeConfig, tieConfig } from "./reshaped-config.ts";
import { resizeWeight, withShape, type NewWidths } from "./resize.ts";
import { describeChange } from "./sizes.ts";
import {
  findTextStacks,
  hasSharedLayers,
  nameLayerCounts,
  replaceLayers,
  spreadLayers,
  type Layer,
  type LayerStack,
} from "./stacks.ts";
import { findNextSmaller, type StudentShape } from "./student-shapes.ts";
import { dropLayers } from "./structured-pruning.ts";

/** Ways to choose a student's shape. */
export const STUDENTS = ["half-layers", "half-size", "smaller"] as const;
export type Student = (typeof STUDENTS)[number];

const CHANGES = {
  "half-layers": halveLayers,
  "half-size": halveSize,
  smaller: takeSmallerShape,
} satisfies Record<Student, (reduced: Reduced) => Change | Refusal>;

const NAMES = {
  "half-layers": "half the layers",
  "half-size": "half the layers and width",
  smaller: "the next smaller shape",
} as const satisfies Record<Student, string>;

const LIMIT = "A student has to be trained on the teacher's answers; bytes say nothing of what it learns.";

export function listDistillations(original: Original, request: ReductionRequest): Reduction[] {
  const start = startReducing(original);
  return STUDENTS.map((student) =>
    describeChange("distillation", NAMES[student], distill(start, student), request),
  );
}

export function distill(reduced: Reduced, student: Student): Change | Refusal {
  if (reduced.sparsity) return { reason: "a student begins with all its weights: distill first, then prune" };
  return CHANGES[student](reduced);
}

/** A real student beside its teacher. */
export function compareStudent(original: Original, student: Original, request: ReductionRequest): Reduction {
  const teacher = sumParameters(original.weights);
  const parameters = sumParameters(student.weights);
  const percent = ((100 * parameters) / teacher).toFixed(1);
  const isLarger = parameters > teacher;
  const change: Change = {
    name: student.id,
    inputs: { student: student.id },
    reduced: startReducing(student),
    arithmetic: `${groupDigits(parameters)} / ${groupDigits(teacher)} = ${percent} %`,
    caveat: isLarger ? "This student is larger than its teacher: nothing is saved." : LIMIT,
  };
  return describeChange("distillation", student.id, change, request);
}

/**
 * What DistilBERT leaves out beside every second layer (arXiv:1910.01108, §3): the token-type embedding and the pooler,
 * and with it what predicts the next sentence. google-bert/bert-base-uncased becomes the 66,985,530 of
 * distilbert/distilbert-base-uncased. distilroberta-base keeps them.
 */
const DISTILBERT_LEAVES_OUT = /(?:^|\.)(?:token_type_embeddings|pooler|seq_relationship)(?:\.|$)/;

/** Of an odd number of layers, the middle one stays. */
function halve(count: number): number {
  return Math.ceil(count / 2);
}

function halveLayers(reduced: Reduced): Change | Refusal {
  const change = dropLayers(reduced, halve, {
    inputs: { student: "half-layers" },
    which: "every second layer",
  });
  if (isRefusal(change)) return change;
  const weights = isModelType(reduced.config, "bert")
    ? change.reduced.weights.filter(({ name }) => !DISTILBERT_LEAVES_OUT.test(name))
    : change.reduced.weights;
  const dropped = sumParameters(change.reduced.weights) - sumParameters(weights);
  return {
    ...change,
    reduced: { ...change.reduced, weights },
    arithmetic: `${change.arithmetic}${
      dropped > 0
        ? ` − ${groupDigits(dropped)} of pooler, token types and next-sentence head, as DistilBERT`
        : ""
    }`,
    caveat: LIMIT,
  };
}

/**
 * Half as deep and half as wide with as many heads, as MiniLM-L6-H384 is to BERT (arXiv:2002.10957): without its head for
 * pre-training, google-bert/bert-base-uncased becomes the 22,713,216 of sentence-transformers/all-MiniLM-L6-v2.
 */
function halveSize(reduced: Reduced): Change | Refusal {
  const teacher = measureTeacher(reduced);
  if (isRefusal(teacher)) return teacher;
  const { hidden, query, keyValue, heads, headSize } = teacher.widths;
  const odd = [hidden, headSize, teacher.intermediate].find((width) => width % 2 !== 0);
  if (odd !== undefined) return { reason: `${odd} cannot be halved` };
  const change = {
    hidden: hidden / 2,
    query: query / 2,
    keyValue: keyValue / 2,
    heads,
    headSize: headSize / 2,
    intermediate: (before: number) => Math.floor(before / 2),
  };
  const weights = reshape(reduced, teacher, change, halve);
  if (isRefusal(weights)) return weights;
  const layers = halve(teacher.layers);
  const config = reshapeConfig(reduced.config, {
    ...change,
    intermediate: change.intermediate(teacher.intermediate),
    ...nameLayerCounts(findTextStacks(reduced.weights), halve),
  });
  return {
    name: `${teacher.counts.map(halve).join(" + ")} of ${teacher.counts.join(" + ")} layers, ${hidden / 2} wide`,
    inputs: { student: "half-size", layers, hidden: hidden / 2 },
    reduced: { ...reduced, weights, config },
    arithmetic: `${describeShape(layers, change.hidden, teacher.intermediate / 2, heads)} for ${teacher.layers} of ${hidden}, as MiniLM: ${groupDigits(sumParameters(weights))}`,
    caveat: LIMIT,
  };
}

function takeSmallerShape(reduced: Reduced): Change | Refusal {
  const { weights: before, config } = reduced;
  const teacher = measureTeacher(reduced);
  if (isRefusal(teacher)) return teacher;
  const vocabulary = findTokenEmbedding(before)?.shape[0] ?? 0;
  const shape = findNextSmaller(config?.modelType ?? "", teacher, vocabulary);
  if (!shape)
    return { reason: "no smaller shape of its series is known; --student compares it with a real model" };
  const { layers, hidden, intermediate, heads, keyValueHeads, headSize } = shape;
  const change = {
    hidden,
    query: heads * headSize,
    keyValue: keyValueHeads * headSize,
    heads,
    headSize,
    intermediate: () => intermediate,
  };
  const reshaped = reshape(reduced, teacher, change, () => layers);
  if (isRefusal(reshaped)) return reshaped;
  const head = findHead(reshaped);
  const weights = shape.isTied ? reshaped.filter((weight) => weight !== head) : reshaped;
  const reshapedConfig = reshapeConfig(config, { ...shape, decoderLayers: layers });
  return {
    name: `shape of ${shape.name.split("/").at(-1)}`,
    inputs: { student: "smaller", shapeOf: shape.name, layers, hidden },
    reduced: { ...reduced, weights, config: shape.isTied ? tieConfig(reshapedConfig, true) : reshapedConfig },
    arithmetic: `${describeShape(layers, hidden, intermediate, heads)} for ${teacher.layers} of ${teacher.hidden}, and the teacher's vocabulary${head && shape.isTied ? ", its head tied" : ""}: ${groupDigits(sumParameters(weights))}`,
    caveat: LIMIT,
  };
}

function describeShape(layers: number, hidden: number, intermediate: number, heads: number): string {
  return `${layers} layers ${hidden} wide (inner ${intermediate}, ${heads} heads)`;
}

/** All weights in other widths, and so many layers. */
function reshape(
  { weights, config }: Reduced,
  { widths, hidden }: Teacher,
  change: NewWidths,
  countLayers: (layers: number) => number,
): Weight[] | Refusal {
  const resized = new Map<Weight, Weight>();
  for (const { layers } of findTextStacks(weights))
    for (const layer of layers)
      for (const weight of layer.weights) {
        const after = resizeWeight(weight, config, widths, change);
        if (isRefusal(after)) return after;
        resized.set(weight, after);
      }
  const all = weights.map((weight) => resized.get(weight) ?? resizeOutside(weight, hidden, change));
  return replaceLayers(all, findTextStacks(all), (stack) =>
    repeatLayers(stack, countLayers(stack.layers.length)),
  );
}

interface Teacher extends Pick<StudentShape, "layers" | "hidden" | "intermediate" | "heads"> {
  readonly widths: LayerWidths;
  /** Layers of every stack: encoder and decoder. */
  readonly counts: readonly number[];
}

function measureTeacher(reduced: Reduced): Teacher | Refusal {
  const { weights, config } = reduced;
  const stacks = findTextStacks(weights);
  const layers = stacks[0]?.layers ?? [];
  const [layer] = layers;
  if (!layer) return { reason: "it has no stack of transformer layers" };
  if (hasSharedLayers(reduced)) return { reason: "its layers are shared" };
  if (layers.length === 1) return { reason: "it has one layer" };
  if (weights.some(({ role }) => role === "vision"))
    return { reason: "a student of it needs a smaller tower, too" };
  const widths = measureLayer(layer, config);
  if (isRefusal(widths)) return widths;
  const down = layer.weights.find((weight) => isMatrixOf("down", weight));
  if (!down) return { reason: "its feed-forward network is of another build" };
  const { inputs: intermediate } = orient(down, config);
  const { hidden, heads } = widths;
  const counts = stacks.map((stack) => stack.layers.length);
  return { widths, counts, layers: layers.length, intermediate, hidden, heads };
}

/** Embeddings, head and last norm: what is as wide as a layer. The rows of a table stay: BERT has 512 positions. */
function resizeOutside(weight: Weight, hidden: number, change: NewWidths): Weight {
  const { shape, role } = weight;
  const isTable = role === "embedding" && shape.length === 2;
  return withShape(
    weight,
    shape.map((size, axis) => (size === hidden && !(isTable && axis === 0) ? (change.hidden ?? size) : size)),
  );
}

/** As many layers as the student has: the first, which alone has T5's relative bias, and others like the last. */
function repeatLayers(stack: LayerStack, count: number): readonly Layer[] {
  const { layers } = stack;
  if (count <= layers.length) return spreadLayers(stack, count);
  const last = layers.at(-1);
  return last ? [...layers, ...Array.from({ length: count - layers.length }, () => last)] : [];
}
