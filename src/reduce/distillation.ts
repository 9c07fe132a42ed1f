import type { Weight } from "../model/weight.ts";
import { findTokenEmbedding } from "../quant/layers.ts";
import { measureLayer, orient, type LayerWidths } from "./layer-widths.ts";
import { isMatrixOf } from "./parts.ts";
import { groupDigits, isRefusal, startReducing, sumParameters } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { reshapeConfig } from "./reshaped-config.ts";
import { resizeWeight, withShape, type NewWidths } from "./resize.ts";
import { describeChange } from "./rows.ts";
import { findTextStacks, replaceLayers, spreadLayers, type Layer, type Stack } from "./stacks.ts";
import { findNextSmaller, type StudentShape } from "./student-shapes.ts";
import { dropLayers } from "./structured-pruning.ts";

/** Ways to choose a student's shape. */
export const STUDENTS = ["half-layers", "smaller"] as const;
export type Student = (typeof STUDENTS)[number];

const CHANGES = { "half-layers": halveLayers, smaller: takeSmallerShape } satisfies Record<
  Student,
  (reduced: Reduced) => Change | Refusal
>;

const NAMES = {
  "half-layers": "half the layers",
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
  const change: Change = {
    name: student.id,
    inputs: { student: student.id },
    reduced: startReducing(student),
    arithmetic: `${groupDigits(parameters)} / ${groupDigits(teacher)} = ${percent} %`,
    limit: LIMIT,
  };
  return describeChange("distillation", student.id, change, request);
}

/**
 * What DistilBERT leaves out beside every second layer (arXiv:1910.01108, §3): the token-type embedding and the pooler,
 * and with it what predicts the next sentence. google-bert/bert-base-uncased becomes the 66,985,530 of
 * distilbert/distilbert-base-uncased. distilroberta-base keeps them.
 */
const DISTILBERT_LEAVES_OUT = /(?:^|\.)(?:token_type_embeddings|pooler|seq_relationship)(?:\.|$)/;

function halveLayers(reduced: Reduced): Change | Refusal {
  const change = dropLayers(reduced, (count) => Math.ceil(count / 2), {
    inputs: { student: "half-layers" },
    which: "every second layer",
  });
  if (isRefusal(change)) return change;
  const weights =
    reduced.config?.modelType === "bert"
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
    limit: LIMIT,
  };
}

function takeSmallerShape(reduced: Reduced): Change | Refusal {
  const { weights, config } = reduced;
  const stacks = findTextStacks(weights);
  const teacher = measureTeacher(stacks, reduced);
  if (isRefusal(teacher)) return teacher;
  const vocabulary = findTokenEmbedding(weights)?.shape[0] ?? 0;
  const shape = findNextSmaller(config?.modelType ?? "", teacher, vocabulary);
  if (!shape)
    return { reason: "no smaller shape of its series is known; --student compares it with a real model" };
  const change = {
    hidden: shape.hidden,
    query: shape.heads * shape.headSize,
    keyValue: shape.keyValueHeads * shape.headSize,
    heads: shape.heads,
    headSize: shape.headSize,
    intermediate: () => shape.intermediate,
  };
  const resized = new Map<Weight, Weight>();
  for (const { layers } of stacks)
    for (const layer of layers)
      for (const weight of layer.weights) {
        const after = resizeWeight(weight, config, teacher.widths, change);
        if (isRefusal(after)) return after;
        resized.set(weight, after);
      }
  const students = weights.map(
    (weight) => resized.get(weight) ?? resizeOutside(weight, teacher.hidden, change),
  );
  return describeStudent(reduced, students, shape, teacher);
}

interface Teacher extends Pick<StudentShape, "layers" | "hidden" | "intermediate" | "heads"> {
  readonly widths: LayerWidths;
}

function measureTeacher(stacks: readonly Stack[], { weights, config }: Reduced): Teacher | Refusal {
  const [layer] = stacks[0]?.layers ?? [];
  if (!layer) return { reason: "it has no stack of transformer layers" };
  if (weights.some(({ role }) => role === "vision"))
    return { reason: "a student of it needs a smaller tower, too" };
  const widths = measureLayer(layer, config);
  if (isRefusal(widths)) return widths;
  const down = layer.weights.find((weight) => isMatrixOf("down", weight));
  if (!down) return { reason: "its feed-forward network is of another build" };
  const { inputs: intermediate } = orient(down, config);
  const layers = stacks[0]?.layers.length ?? 0;
  return { widths, layers, intermediate, hidden: widths.hidden, heads: widths.heads };
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

function describeStudent(
  reduced: Reduced,
  resized: readonly Weight[],
  shape: StudentShape,
  teacher: Teacher,
): Change {
  const weights = replaceLayers(resized, findTextStacks(resized), (stack) =>
    repeatLayers(stack, shape.layers),
  );
  const config = reshapeConfig(reduced.config, shape);
  return {
    name: `shape of ${shape.name.split("/").at(-1)}`,
    inputs: { student: "smaller", shapeOf: shape.name, layers: shape.layers, hidden: shape.hidden },
    reduced: { ...reduced, weights, config },
    arithmetic: `${shape.layers} layers ${shape.hidden} wide (inner ${shape.intermediate}, ${shape.heads} heads) for ${teacher.layers} of ${teacher.hidden}, and the teacher's vocabulary = ${groupDigits(sumParameters(weights))}`,
    limit: LIMIT,
  };
}

/** As many layers as the student has: the first, which alone has T5's relative bias, and others like the last. */
function repeatLayers(stack: Stack, count: number): readonly Layer[] {
  const { layers } = stack;
  if (count <= layers.length) return spreadLayers(stack, count);
  const last = layers.at(-1);
  return last ? [...layers, ...Array.from({ length: count - layers.length }, () => last)] : [];
}
