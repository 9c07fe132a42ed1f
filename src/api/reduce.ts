/** List what each technique would leave to download of a model. */
import { TECHNIQUES, type Technique } from "../contract/terms.ts";
import type { ModelReport, ReductionReport, ReductionRow } from "../contract/types.ts";
import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { findHead } from "../quant/layers.ts";
import { uniqueQuantizations, type Quantization } from "../quant/quantization.ts";
import { parseQuantization } from "../quant/registry.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import { type DistillationOptions, listDistillations } from "../reduce/distillation.ts";
import { DEFAULT_RANKS, MAX_TASKS, listAdapters, listTasks, parseRank } from "../reduce/lora.ts";
import type { LoraOptions } from "../reduce/lora.ts";
import { listPrunings } from "../reduce/pruning.ts";
import { listQuantizedSizes } from "../reduce/quantization.ts";
import { tieConfig } from "../reduce/reshaped-config.ts";
import { type ResultRow, buildRow } from "../reduce/row.ts";
import { listSharings } from "../reduce/sharing.ts";
import type { Step } from "../reduce/step.ts";
import { applySteps, formatSteps, parseSteps } from "../reduce/steps.ts";
import { listStoredCopies, type BaseModel } from "../reduce/variant.ts";
import type { Reference } from "../source/reference.ts";
import type { MeasuredModel } from "./document.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { buildFailure, measureOne, startReport } from "./measure.ts";

export interface ReduceRequest {
  /** Sizes of every row. */
  readonly quantizations: readonly Quantization[];
  /** Further ones that the model itself is shown in. */
  readonly family: readonly Quantization[];
  readonly techniques: readonly Technique[];
  /** Those of them that were named: where the model allows none, it is a failure. */
  readonly named: readonly Technique[];
  readonly ranks: readonly number[];
  readonly tasks: number;
  readonly student: Reference | null;
  readonly recipe: readonly Step[] | null;
}

/** As many fine-tuned models as somebody might keep. */
const DEFAULT_TASKS = 10;

/**
 * Build a request with defaults. Throws USAGE for an invalid recipe, technique, rank or number of tasks, and for an option
 * without effect.
 */
export function buildReduceRequest({
  quantizations,
  family = [],
  scheme = {},
  techniques,
  ranks,
  tasks,
  student = null,
  recipe,
}: Pick<ReduceRequest, "quantizations"> &
  Partial<Pick<ReduceRequest, "family" | "student">> & {
    /** Bound to the quantizations that the recipe names. */
    readonly scheme?: SchemeOptions | undefined;
    readonly techniques?: readonly Technique[] | undefined;
    readonly ranks?: readonly (number | string)[] | undefined;
    readonly tasks?: number | undefined;
    readonly recipe?: string | undefined;
  }): ReduceRequest {
  const steps = recipe === undefined ? null : parseSteps(recipe, (text) => parseQuantization(text, scheme));
  if (tasks !== undefined && (!Number.isInteger(tasks) || tasks < 1 || tasks > MAX_TASKS))
    throw wrong(`invalid number of tasks ${tasks}: use 1 to ${MAX_TASKS}`);
  const invalid = techniques?.find((name) => !TECHNIQUES.includes(name));
  if (invalid !== undefined) throw wrong(`unknown technique "${invalid}": use ${TECHNIQUES.join(", ")}`);
  // A recipe is a question of its own.
  const shown = techniques ?? (steps ? [] : TECHNIQUES);
  const needs: readonly (readonly [isGiven: boolean, what: string, technique: Technique])[] = [
    [ranks !== undefined, "a rank", "lora"],
    [tasks !== undefined, "a number of tasks", "lora"],
    [student !== null, "a student", "distillation"],
    [family.length > 0, "a family of quantizations", "quantization"],
  ];
  for (const [isGiven, what, technique] of needs)
    if (isGiven && !shown.includes(technique)) throw wrong(`${what} needs the technique ${technique}`);
  return {
    quantizations,
    family,
    techniques: shown,
    named: techniques ?? (ranks ? ["lora"] : []),
    ranks: [...new Set((ranks ?? DEFAULT_RANKS).map((rank) => parseRank(String(rank))))],
    tasks: tasks ?? DEFAULT_TASKS,
    student,
    recipe: steps,
  };
}

function wrong(message: string): LlmSizeError {
  return new LlmSizeError("USAGE", { message });
}

/**
 * Measure a model and reduce it in every requested way; what cannot be measured or done is an entry of `failures`. Where the
 * model's time is over, there are no rows.
 */
export async function reduceModel(
  reference: Reference,
  request: ReduceRequest,
  options: Omit<MeasureOptions, "quantizations" | "memory" | "withBase">,
): Promise<ReductionReport> {
  const { quantizations, family } = request;
  const all = uniqueQuantizations([...quantizations, ...family]);
  const [ofTeacher, ofStudent] = await Promise.all([
    measureOne(reference, { ...options, quantizations: all }),
    request.student && measureOne(request.student, { ...options, quantizations }),
  ]);
  const failures = [...ofTeacher.failures, ...(ofStudent?.failures ?? [])];
  const [teacher] = ofTeacher.models;
  const student = ofStudent?.models[0] ?? null;
  const report = { ...startReport(), student: student && student.document };
  if (!teacher) return { ...report, model: null, rows: [], recipe: null, failures };

  const fail = (error: unknown) => failures.push(buildFailure(reference.text, error, options.onBug));
  try {
    const { errors, ...reduced } = reduceMeasured(teacher, student, request);
    errors.forEach(fail);
    return { ...report, model: teacher.document, ...reduced, failures };
  } catch (error) {
    if (!isFailure(error, "MODEL_TIMED_OUT")) throw error;
    fail(error);
    return { ...report, model: teacher.document, rows: [], recipe: null, failures };
  }
}

/** Reduce a measured model. Throws MODEL_TIMED_OUT. */
function reduceMeasured(
  teacher: MeasuredModel,
  student: MeasuredModel | null,
  request: ReduceRequest,
): Pick<ReductionReport, "rows" | "recipe"> & { readonly errors: readonly LlmSizeError[] } {
  const model = teacher.document;
  const errors: LlmSizeError[] = [];
  const inTime = { ...request, checkTime: teacher.checkTime };
  const base = buildBaseModel(teacher);
  const steps = request.recipe && applySteps(base, request.recipe, inTime);
  const refused = steps?.find(({ reason }) => reason !== null);
  if (refused) {
    const { name: step, reason } = refused;
    errors.push(new LlmSizeError("RECIPE_REFUSED", { model: model.id, step, reason: reason ?? "" }));
  }
  const rows = listRows(model, base, {
    ...inTime,
    student: student && { id: student.repository.id, model: buildBaseModel(student) },
  });
  const named = rows.filter(({ technique }) => request.named.includes(technique));
  const [none] = named;
  if (none?.reason && named.every(({ reason }) => reason !== null)) {
    const { technique, reason } = none;
    errors.push(new LlmSizeError("REDUCTION_REFUSED", { model: model.id, technique, reason }));
  }
  return {
    rows: rows.map((row) => withShares(row, model, row.technique === "quantization")),
    recipe: request.recipe && {
      text: formatSteps(request.recipe),
      steps: (steps ?? []).map((row) => withShares(row, model, true)),
    },
    errors,
  };
}

/** The rows of each technique that starts from the weights: adding one is one row here and one file. */
const LISTS = {
  lora: (base, options) => [...listAdapters(base, options), ...listTasks(base, options)],
  pruning: listPrunings,
  distillation: listDistillations,
  sharing: listSharings,
} as const satisfies Record<
  Exclude<Technique, "quantization">,
  (base: BaseModel, options: LoraOptions & DistillationOptions) => ResultRow[]
>;

function listRows(
  { sizes, parameters }: ModelReport,
  base: BaseModel | Unknown,
  options: LoraOptions & DistillationOptions & Pick<ReduceRequest, "techniques">,
): ResultRow[] {
  return options.techniques.flatMap((technique) => {
    if (technique === "quantization") return listQuantizedSizes(sizes, parameters.total);
    if (isUnknown(base)) return [buildRow({ technique, name: technique, reason: base.reason })];
    return LISTS[technique](base, options);
  });
}

/** The weights that techniques start from; refused where they are not known one by one. */
function buildBaseModel(model: MeasuredModel): BaseModel | Unknown {
  const { classified, adapter, checkpoint, repository } = model;
  if (adapter) return unknown("it is an adapter; reduce its base model instead");
  const subject = model.logical;
  if (!classified || !subject) return unknown("the shapes of its weights are not known");
  if (!classified.certain) return unknown("its packing is not understood, so its shapes are not known");
  // llama.cpp multiplies with `token_embd` where a file lacks `output` (src/llama-model.cpp): Llama 3.2 1B.
  const isTied = checkpoint?.format === "gguf" && !findHead(subject.weights);
  const config = isTied ? tieConfig(subject.config, true) : subject.config;
  return { id: repository.id, weights: subject.weights, config, copies: listStoredCopies(classified) };
}

/** A row with what part of the model's bytes each of its sizes is: of the same quantization, or of what is published. */
function withShares(row: ResultRow, model: ModelReport, isOfPublished: boolean): ReductionRow {
  const sizes = row.sizes.map(({ quantization, bytes, basis, errorBand, reason }) => {
    const same = model.sizes.find((size) => size.quantization === quantization);
    const whole = (isOfPublished ? model.published : same)?.bytes;
    const shareOfModel = bytes !== null && whole ? Number((bytes / whole).toPrecision(6)) : null;
    return { quantization, bytes, basis, errorBand, shareOfModel, reason };
  });
  return { ...row, sizes };
}
