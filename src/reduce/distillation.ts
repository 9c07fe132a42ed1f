import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount, sumParameters } from "./counts.ts";
import { type ResultRow, type RowOptions, buildRow } from "./row.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";
import { isModelType } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { measureLayer, orient, type LayerWidths } from "./layer-widths.ts";
import { isMatrixOf } from "./projections.ts";
import { reshapeConfig, tieConfig } from "./reshaped-config.ts";
import { resizeWeight, withShape, type NewWidths } from "./resize.ts";
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
} satisfies Record<Student, (variant: Variant) => Transform | Unknown>;

const NAMES = {
  "half-layers": "half the layers",
  "half-size": "half the layers and width",
  smaller: "the next smaller shape",
} as const satisfies Record<Student, string>;

const CAVEAT = "A student has to be trained on the teacher's answers; bytes do not show what it learns.";

export function listDistillations(base: BaseModel, options: RowOptions): ResultRow[] {
  const start = startVariant(base);
  return STUDENTS.map((student) =>
    buildRow("distillation", NAMES[student], distill(start, student), options),
  );
}

export function distill(variant: Variant, student: Student): Transform | Unknown {
  if (variant.sparsity) return unknown("a student begins with all its weights: distill first, then prune");
  return CHANGES[student](variant);
}

/** Compare a real student with its teacher. */
export function compareStudent(base: BaseModel, student: BaseModel, options: RowOptions): ResultRow {
  const teacher = sumParameters(base.weights);
  const parameters = sumParameters(student.weights);
  const percent = ((100 * parameters) / teacher).toFixed(1);
  const isLarger = parameters > teacher;
  const change: Transform = {
    name: student.id,
    inputs: { student: student.id },
    variant: startVariant(student),
    arithmetic: `${formatCount(parameters)} / ${formatCount(teacher)} = ${percent} %`,
    caveat: isLarger ? "This student is larger than its teacher: nothing is saved." : CAVEAT,
  };
  return buildRow("distillation", student.id, change, options);
}

/**
 * DistilBERT leaves out more than every second layer (arXiv:1910.01108, §3): the token-type embedding and the pooler,
 * and with it what predicts the next sentence. google-bert/bert-base-uncased becomes the 66,985,530 of
 * distilbert/distilbert-base-uncased. distilroberta-base keeps them.
 */
const DISTILBERT_LEAVES_OUT = /(?:^|\.)(?:token_type_embeddings|pooler|seq_relationship)(?:\.|$)/;

/** Of an odd number of layers, the middle one stays. */
function halve(count: number): number {
  return Math.ceil(count / 2);
}

function halveLayers(variant: Variant): Transform | Unknown {
  const change = dropLayers(variant, halve, {
    inputs: { student: "half-layers" },
    which: "every second layer",
  });
  if (isUnknown(change)) return change;
  const weights = isModelType(variant.config, "bert")
    ? change.variant.weights.filter(({ name }) => !DISTILBERT_LEAVES_OUT.test(name))
    : change.variant.weights;
  const dropped = sumParameters(change.variant.weights) - sumParameters(weights);
  return {
    ...change,
    variant: { ...change.variant, weights },
    arithmetic: `${change.arithmetic}${
      dropped > 0
        ? ` − ${formatCount(dropped)} of pooler, token types and next-sentence head, as DistilBERT`
        : ""
    }`,
    caveat: CAVEAT,
  };
}

/**
 * Half as deep and half as wide with as many heads, as MiniLM-L6-H384 is to BERT (arXiv:2002.10957): without its head for
 * pre-training, google-bert/bert-base-uncased becomes the 22,713,216 of sentence-transformers/all-MiniLM-L6-v2.
 */
function halveSize(variant: Variant): Transform | Unknown {
  const teacher = measureTeacher(variant);
  if (isUnknown(teacher)) return teacher;
  const { hidden, query, keyValue, heads, headSize } = teacher.widths;
  const odd = [hidden, headSize, teacher.intermediate].find((width) => width % 2 !== 0);
  if (odd !== undefined) return unknown(`${odd} cannot be halved`);
  const change = {
    hidden: hidden / 2,
    query: query / 2,
    keyValue: keyValue / 2,
    heads,
    headSize: headSize / 2,
    intermediate: (before: number) => Math.floor(before / 2),
  };
  const weights = reshape(variant, teacher, change, halve);
  if (isUnknown(weights)) return weights;
  const layers = halve(teacher.layers);
  const config = reshapeConfig(variant.config, {
    ...change,
    intermediate: change.intermediate(teacher.intermediate),
    ...nameLayerCounts(findTextStacks(variant.weights), halve),
  });
  return {
    name: `${teacher.counts.map(halve).join(" + ")} of ${teacher.counts.join(" + ")} layers, ${hidden / 2} wide`,
    inputs: { student: "half-size", layers, hidden: hidden / 2 },
    variant: { ...variant, weights, config },
    arithmetic: `${formatShape(layers, change.hidden, teacher.intermediate / 2, heads)} for ${teacher.layers} of ${hidden}, as MiniLM: ${formatCount(sumParameters(weights))}`,
    caveat: CAVEAT,
  };
}

function takeSmallerShape(variant: Variant): Transform | Unknown {
  const { weights: before, config } = variant;
  const teacher = measureTeacher(variant);
  if (isUnknown(teacher)) return teacher;
  const vocabulary = findTokenEmbedding(before)?.shape[0] ?? 0;
  const shape = findNextSmaller(config?.modelType ?? "", teacher, vocabulary);
  if (!shape)
    return unknown("no smaller shape of its series is known; --student compares it with a real model");
  const { layers, hidden, intermediate, heads, keyValueHeads, headSize } = shape;
  const change = {
    hidden,
    query: heads * headSize,
    keyValue: keyValueHeads * headSize,
    heads,
    headSize,
    intermediate: () => intermediate,
  };
  const reshaped = reshape(variant, teacher, change, () => layers);
  if (isUnknown(reshaped)) return reshaped;
  const head = findHead(reshaped);
  const weights = shape.isTied ? reshaped.filter((weight) => weight !== head) : reshaped;
  const reshapedConfig = reshapeConfig(config, { ...shape, decoderLayers: layers });
  return {
    name: `shape of ${shape.name.split("/").at(-1)}`,
    inputs: { student: "smaller", shapeOf: shape.name, layers, hidden },
    variant: { ...variant, weights, config: shape.isTied ? tieConfig(reshapedConfig, true) : reshapedConfig },
    arithmetic: `${formatShape(layers, hidden, intermediate, heads)} for ${teacher.layers} of ${teacher.hidden}, and the teacher's vocabulary${head && shape.isTied ? ", its head tied" : ""}: ${formatCount(sumParameters(weights))}`,
    caveat: CAVEAT,
  };
}

function formatShape(layers: number, hidden: number, intermediate: number, heads: number): string {
  return `${layers} layers ${hidden} wide (inner ${intermediate}, ${heads} heads)`;
}

/** Return all weights in other widths, with another number of layers. */
function reshape(
  { weights, config }: Variant,
  { widths, hidden }: Teacher,
  change: NewWidths,
  countLayers: (layers: number) => number,
): Weight[] | Unknown {
  const resized = new Map<Weight, Weight>();
  for (const { layers } of findTextStacks(weights))
    for (const layer of layers)
      for (const weight of layer.weights) {
        const after = resizeWeight(weight, config, widths, change);
        if (isUnknown(after)) return after;
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

function measureTeacher(variant: Variant): Teacher | Unknown {
  const { weights, config } = variant;
  const stacks = findTextStacks(weights);
  const layers = stacks[0]?.layers ?? [];
  const [layer] = layers;
  if (!layer) return unknown("there is no stack of transformer layers");
  if (hasSharedLayers(variant)) return unknown("its layers are shared");
  if (layers.length === 1) return unknown("it has one layer");
  if (weights.some(({ role }) => role === "vision"))
    return unknown("a student of it needs a smaller tower, too");
  const widths = measureLayer(layer, config);
  if (isUnknown(widths)) return widths;
  const down = layer.weights.find((weight) => isMatrixOf("down", weight));
  if (!down) return unknown("its feed-forward network is of another build");
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
