import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { isModelType } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { formatCount, joinCounts, sumParameters } from "./counts.ts";
import { findMatrix, measureLayer } from "./projections.ts";
import { reshapeConfig, tieConfig } from "./reshaped-config.ts";
import { resizeLayers, withShape } from "./resize.ts";
import { type ResultRow, type RowOptions, buildTransformRow } from "./row.ts";
import { findTextStacks, hasSharedLayers, nameLayerCounts, replaceLayers, spreadLayers } from "./stacks.ts";
import type { Layer, LayerStack } from "./stacks.ts";
import { parseChoice, type Step } from "./step.ts";
import { findNextSmaller, type StudentShape } from "./student-shapes.ts";
import { dropLayers } from "./structured-pruning.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";

/** Ways to choose a student's shape. */
export const STUDENTS = ["half-layers", "half-size", "smaller"] as const;
export type Student = (typeof STUDENTS)[number];

const SHAPES = {
  "half-layers": { name: "half the layers", build: halveLayers },
  "half-size": { name: "half the layers and width", build: halveSize },
  smaller: { name: "the next smaller shape", build: takeSmallerShape },
} as const satisfies Record<Student, object>;

const CAVEAT = "A student has to be trained on the teacher's answers; bytes do not show what it learns.";

export interface DistillationOptions extends RowOptions {
  /** A real student to compare with. */
  readonly student: { readonly id: string; readonly model: BaseModel | Unknown } | null;
}

export function listDistillations(base: BaseModel, options: DistillationOptions): ResultRow[] {
  const start = startVariant(base);
  const row = (name: string, change: Transform | Unknown) =>
    buildTransformRow({ technique: "distillation", name }, change, options);
  const { student } = options;
  return [
    ...STUDENTS.map((shape) => row(SHAPES[shape].name, distill(start, shape))),
    ...(student ? [row(student.id, compareStudent(base, student.model))] : []),
  ];
}

/** Parse `half-layers`, `half-size` or `smaller`. Throws USAGE. */
export function parseDistillation(words: readonly string[]): Step {
  const student = parseChoice("distill", words, STUDENTS);
  return {
    technique: "distillation",
    text: `distill:${student}`,
    kind: "distillation",
    apply: (variant) => distill(variant, student),
  };
}

export function distill(variant: Variant, student: Student): Transform | Unknown {
  if (variant.sparsity) return unknown("a student begins with all its weights: distill first, then prune");
  return SHAPES[student].build(variant);
}

/** Compare a real student with its teacher. */
export function compareStudent(base: BaseModel, student: BaseModel | Unknown): Transform | Unknown {
  if (isUnknown(student)) return student;
  const teacher = sumParameters(base.weights);
  const parameters = sumParameters(student.weights);
  const percent = ((100 * parameters) / teacher).toFixed(1);
  const isLarger = parameters > teacher;
  return {
    name: student.id,
    inputs: { student: student.id },
    variant: startVariant(student),
    arithmetic: `${formatCount(parameters)} / ${formatCount(teacher)} = ${percent} %`,
    caveat: isLarger ? "This student is larger than its teacher: nothing is saved." : CAVEAT,
  };
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
  const options = { inputs: { student: "half-layers" }, which: "every second layer" };
  const change = dropLayers(variant, halve, options);
  if (isUnknown(change)) return change;
  const isDropped = ({ name }: Weight) =>
    isModelType(variant.config, "bert") && DISTILBERT_LEAVES_OUT.test(name);
  const dropped = sumParameters(change.variant.weights.filter(isDropped));
  const weights = change.variant.weights.filter((weight) => !isDropped(weight));
  const extra = ` − ${formatCount(dropped)} of pooler, token types and next-sentence head, as DistilBERT`;
  return {
    ...change,
    variant: { ...change.variant, weights },
    arithmetic: `${change.arithmetic}${dropped > 0 ? extra : ""}`,
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
  const { hidden, query, keyValue, heads, headSize, intermediate, layers, counts } = teacher;
  const odd = [hidden, headSize, intermediate].find((width) => width % 2 !== 0);
  if (odd !== undefined) return unknown(`${odd} cannot be halved`);
  const widths = {
    hidden: hidden / 2,
    query: query / 2,
    keyValue: keyValue / 2,
    heads,
    headSize: headSize / 2,
  };
  return buildStudent(variant, teacher, {
    name: `${joinCounts(counts.map(halve))} of ${joinCounts(counts)} layers, ${widths.hidden} wide`,
    inputs: { student: "half-size" },
    shape: { ...widths, layers: halve(layers), intermediate: intermediate / 2 },
    countLayers: halve,
    resizeInner: (before) => Math.floor(before / 2),
    remark: "as MiniLM",
  });
}

function takeSmallerShape(variant: Variant): Transform | Unknown {
  const teacher = measureTeacher(variant);
  if (isUnknown(teacher)) return teacher;
  const vocabulary = findTokenEmbedding(variant.weights)?.shape[0] ?? 0;
  const shape = findNextSmaller(variant.config?.modelType ?? "", teacher, vocabulary);
  if (!shape)
    return unknown("no smaller shape of its series is known; --student compares it with a real model");
  return buildStudent(variant, teacher, {
    name: `shape of ${shape.name.split("/").at(-1)}`,
    inputs: { student: "smaller", shapeOf: shape.name },
    shape,
    countLayers: () => shape.layers,
    resizeInner: () => shape.intermediate,
    remark: "and the teacher's vocabulary",
  });
}

interface StudentPlan extends Pick<Transform, "name" | "inputs"> {
  readonly shape: Partial<StudentShape> & Pick<StudentShape, "layers" | "hidden" | "intermediate" | "heads">;
  /** Of encoder and decoder. */
  readonly countLayers: (layers: number) => number;
  /** Layers of a mixture have several inner widths. */
  readonly resizeInner: (before: number) => number;
  readonly remark: string;
}

/** Give all weights the student's widths, and every stack its number of layers. */
function buildStudent(
  variant: Variant,
  teacher: Teacher,
  { name, inputs, shape, countLayers, resizeInner, remark }: StudentPlan,
): Transform | Unknown {
  const { layers, hidden, intermediate, heads, isTied = false } = shape;
  const change = { ...shape, intermediate: resizeInner };
  const resized = resizeLayers(variant, () => ({ widths: teacher, change }));
  if (isUnknown(resized)) return resized;
  const all = variant.weights.map(
    (weight) => resized.get(weight) ?? resizeOutside(weight, teacher.hidden, hidden),
  );
  const stacks = findTextStacks(all);
  const reshaped = replaceLayers(all, stacks, (stack) =>
    repeatLayers(stack, countLayers(stack.layers.length)),
  );
  const head = isTied ? findHead(reshaped) : null;
  const weights = reshaped.filter((weight) => weight !== head);
  const config = reshapeConfig(variant.config, { ...shape, ...nameLayerCounts(stacks, countLayers) });
  return {
    name,
    inputs: { ...inputs, layers, hidden },
    variant: { ...variant, weights, config: isTied ? tieConfig(config, true) : config },
    arithmetic: `${layers} layers ${hidden} wide (inner ${intermediate}, ${heads} heads) for ${teacher.layers} of ${teacher.hidden}, ${remark}${head ? ", its head tied" : ""}: ${formatCount(sumParameters(weights))}`,
    caveat: CAVEAT,
  };
}

interface Teacher extends Omit<StudentShape, "name" | "isTied"> {
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
  const down = findMatrix(layer, config, "down");
  if (!down) return unknown("its feed-forward network is of another build");
  const counts = stacks.map((stack) => stack.layers.length);
  return { ...widths, intermediate: down.inputs, layers: layers.length, counts };
}

/** Embeddings, head and last norm: what is as wide as a layer. The rows of a table stay: BERT has 512 positions. */
function resizeOutside(weight: Weight, before: number, after: number): Weight {
  const { shape, role } = weight;
  const isTable = role === "embedding" && shape.length === 2;
  const resized = shape.map((size, axis) => (size === before && !(isTable && axis === 0) ? after : size));
  return withShape(weight, resized);
}

/** As many layers as the student has: the first, which alone has T5's relative bias, and others like the last. */
function repeatLayers(stack: LayerStack, count: number): readonly Layer[] {
  const { layers } = stack;
  if (count <= layers.length) return spreadLayers(stack, count);
  return Array.from({ length: count }).flatMap((_, index) => layers[index] ?? layers.at(-1) ?? []);
}
