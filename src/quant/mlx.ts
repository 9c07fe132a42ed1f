import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import type { Config } from "../format/config.ts";
import { modelTypes } from "../model/architectures.ts";
import { deservesMoreBits } from "./depth.ts";
import {
  classifyArchitecture,
  isVocabularyMatrix,
  listHeadChoices,
  readLayerCount,
  readLinearLayer,
  readWeightBytes,
  refuseMostlyWide,
  withoutMtp,
  withSeparateHead,
} from "./layers.ts";
import {
  predictSafetensors,
  type StoredDtype,
  type StoredTensor,
  type StoredWeight,
} from "./safetensors-file.ts";
import {
  buildSchemes,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Mode {
  readonly bits: number;
  readonly group: number;
  /** An affine group has a scale and an offset as wide as the model's weights; the others a scale of one byte. */
  readonly affine: boolean;
}

const GROUPS = { "": 64, "-g32": 32, "-g128": 128 } as const;

const AFFINE_8: Mode = { bits: 8, group: 64, affine: true };

/** ml-explore/mlx, mlx/backend/cpu/quantized.cpp; ml-explore/mlx-lm, mlx_lm/utils.py, quantize_model. */
const PLAIN_MODES: Readonly<Record<string, Mode>> = {
  ...Object.fromEntries(
    [4, 8, 2, 3, 5, 6].flatMap((bits) =>
      Object.entries(GROUPS).map(([suffix, group]) => [`${bits}bit${suffix}`, { bits, group, affine: true }]),
    ),
  ),
  mxfp4: { bits: 4, group: 32, affine: false },
  mxfp8: { bits: 8, group: 32, affine: false },
  nvfp4: { bits: 4, group: 16, affine: false },
};

/** A mode for each weight. */
interface Mix {
  readonly low: Mode;
  /** For values, down projections and the head in the layers whose errors hurt most; null where all are alike. */
  readonly high: Mode | null;
  /** For experts alone; null where they are like the rest. */
  readonly experts: Mode | null;
}

/** mlx-lm's mixed quantizations (mlx_lm/convert.py, mixed_quant_predicate_builder): mixed_3_6 is 3 bits, and 6 for some. */
const MIXED = ["2_6", "3_4", "3_5", "3_6", "3_8", "4_6", "4_8"] as const;

const MIXES: Readonly<Record<string, Mix>> = {
  ...mapValues(PLAIN_MODES, (low) => ({ low, high: null, experts: null })),
  ...Object.fromEntries(
    MIXED.map((name) => {
      const [low, high] = name.split("_").map((bits) => ({ bits: Number(bits), group: 64, affine: true }));
      return [`mixed_${name}`, { low: low ?? AFFINE_8, high: high ?? AFFINE_8, experts: null }];
    }),
  ),
  // mlx-community/GLM-5.1-MXFP4-Q8.
  "mxfp4-q8": { low: AFFINE_8, high: null, experts: { bits: 4, group: 32, affine: false } },
};

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Routers lose too much at 4 bits, so these models give them 8 (mlx_lm/models/qwen3_moe.py, quant_predicate). */
const EIGHT_BIT_ROUTER =
  /^(?:qwen3_moe|qwen3_next|qwen3_5|qwen3_vl_moe|kimi_linear|mellum|klear|minimax|gpt_oss|gemma4|lfm2_moe|bailing|granitemoe|jamba|afmoe|step3p5|longcat)/i;

/** Here the router is a plain array, which is not quantized (mlx_lm/models/deepseek_v3.py, MoEGate). */
const PLAIN_ROUTER = /^(?:deepseek|glm4_moe|glm_moe|kimi(?!_linear)|dots1|exaone_moe|mimo_v2|nemotron_h)/;

/** Arrays that mlx-lm keeps in 32 bits (cast_predicate): Nemotron-3-Nano-30B-A3B and Qwen3.5-2B. */
const WIDE_ARRAY = /(?:e_score_correction_bias|expert_bias|router_bias)$/;
const WIDE_STATE = { nemotron_h: /A_log$/, qwen3_5: /A_log$/, kimi_linear: /(?:A_log|dt_bias)$/ } as const;

/** Modules of towers that mlx-vlm quantizes like the text model: google/gemma-4-E2B-it. */
const QUANTIZED_PROJECTION = /embed_(?:vision|audio)\.embedding_projection\.weight$/;

/** Gemma 4's dense MLP, the one that stands next to experts. */
const DENSE_MLP = /\.mlp\.(?:gate|up|down)_proj\.weight$/;

/** MLX, as mlx-lm and mlx-vlm convert for Apple silicon: every linear layer, the embedding and the head alike. */
export const MLX = {
  name: "mlx",
  isSelfContained: false,
  schemes: buildSchemes(MIXES, predict, listChoices),
} as const satisfies Ecosystem;

function listChoices(model: LogicalModel, { low }: Mix): readonly Choice[] {
  const choices: Choice[] = [];
  if (isGemma4(model.config)) {
    // mlx-community/gemma-4-26b-a4b-it-4bit of April 2026.
    if (low.bits < 8 && model.weights.some(({ role }) => role === "experts"))
      choices.push({
        because: "dense MLP in 8 bits (mlx-vlm until June 2026)",
        options: { denseMlpBits: 8 },
      });
    // mlx-community/gemma-4-e2b-it-4bit of 2026-04-02.
    if (model.weights.some(({ name }) => name.includes("per_layer_model_projection")))
      choices.push({
        because: "per-layer projection in 16 bits (mlx-vlm until April 2026)",
        options: { perLayerProjectionBits: 16 },
      });
  }
  // mlx-community/Qwen3.5-122B-A10B-4bit of early February 2026.
  if (isQwen35Moe(model.config) && low.bits < 8)
    choices.push({
      because: "routers like the rest (mlx-vlm until February 2026)",
      options: { routersLikeRest: true },
    });
  return [...choices, ...listHeadChoices(model, false)];
}

const isGemma4 = modelTypes("gemma4 gemma4_text gemma4_unified");
const isQwen35Moe = modelTypes("qwen3_5_moe");

function predict(model: LogicalModel, mix: Mix, options: SchemeOptions): Prediction | Unknown {
  const kind = classifyArchitecture(model);
  if (kind !== "decoder" && kind !== "multimodal")
    return unknown("mlx-lm converts decoder-only language models");
  const { config } = model;
  const wide = readWeightBytes(config) === 4 ? "F32" : "BF16";
  const layers = readLayerCount(model) ?? 0;
  const weights = withSeparateHead(withoutMtp(model.weights), options.separateHead);
  const quantized = new Set<Weight>();
  const stacked = stackExperts(weights);
  const stored = stacked.map((weight): StoredWeight => {
    const mode = chooseMode(weight, mix, { config, layers, options });
    const shape = mode && readQuantizedShape(weight, model, mode.group);
    if (shape) {
      quantized.add(weight);
      return { weight, type: formatMode(mode), arrays: store(weight.name, shape, mode, wide) };
    }
    const dtype = isKeptIn32Bits(weight, config) ? "F32" : wide;
    return { weight, type: dtype, arrays: [{ name: weight.name, dtype, shape: weight.shape }] };
  });
  const refusal = refuseMostlyWide(stacked, quantized);
  if (refusal) return refusal;
  return {
    ...predictSafetensors(stored, "mlx"),
    // To the byte of total_size on Llama-3.1-Nemotron-70B, Qwen3.5-122B-A10B, Nemotron-3-Nano and gemma-4-31b-it.
    errorBand: 0.0002,
    assumptions: kind === "multimodal" ? ["vision and audio towers stay in 16 bits"] : [],
  };
}

/** Return the mode of a weight, if its shape allows one; null where it stays unquantized. */
function chooseMode(
  weight: Weight,
  { low, high, experts }: Mix,
  context: { readonly config: Config | null; readonly layers: number; readonly options: SchemeOptions },
): Mode | null {
  const { config, layers, options } = context;
  const { name, role } = weight;
  const modelType = config?.modelType ?? "";
  if (role === "router" || name.endsWith("shared_expert_gate.weight")) {
    if (PLAIN_ROUTER.test(modelType)) return null;
    if (high === null && !options.routersLikeRest && EIGHT_BIT_ROUTER.test(modelType)) return AFFINE_8;
  }
  if (isGemma4(config)) {
    if (options.denseMlpBits === 8 && DENSE_MLP.test(name)) return AFFINE_8;
    if (options.perLayerProjectionBits === 16 && name.includes("per_layer_model_projection")) return null;
  }
  if (high !== null && deservesHighBits(weight, layers)) return high;
  return role === "experts" && experts !== null ? experts : low;
}

/** Values and down projections of the first and last eighth of the layers and of every third between, and the head. */
function deservesHighBits({ name, role }: Weight, layers: number): boolean {
  if (role === "head") return true;
  const layer = Number(/\.layers\.(\d+)\./.exec(name)?.[1] ?? Number.NaN);
  return /(?:\.v_(?:a_|b_)?proj|down_proj)(?:\.weight)?$/.test(name) && deservesMoreBits(layer, layers);
}

function isKeptIn32Bits({ name }: Weight, config: Config | null): boolean {
  const modelType = config?.modelType ?? "";
  return (
    WIDE_ARRAY.test(name) ||
    Object.entries(WIDE_STATE).some(([type, pattern]) => modelType.startsWith(type) && pattern.test(name))
  );
}

/** Return the quantized shape, outermost dimension first; null where rows are not whole groups and words, or are not quantized. */
function readQuantizedShape(
  weight: Weight,
  { config }: LogicalModel,
  group: number,
): readonly number[] | null {
  const { name, role, shape } = weight;
  const layer = readLinearLayer(weight, config);
  const isMatrix = shape.length === 2;
  const isOther =
    isVocabularyMatrix(weight) || (isMatrix && (role === "router" || QUANTIZED_PROJECTION.test(name)));
  const logical = layer && layer.matrices === 1 ? [layer.outputs, layer.inputs] : shape;
  return (layer || isOther) && (logical.at(-1) ?? 0) % Math.max(group, 32) === 0 ? logical : null;
}

/** @example formatMode(AFFINE_8) //=> "8-bit g64" */
function formatMode({ bits, group, affine }: Mode): string {
  if (affine) return `${bits}-bit g${group}`;
  return group === 16 ? "nvfp4" : `mxfp${bits}`;
}

function store(
  name: string,
  shape: readonly number[],
  mode: Mode,
  wide: StoredDtype,
): readonly StoredTensor[] {
  const { bits, group, affine } = mode;
  const rows = shape.slice(0, -1);
  const columns = shape.at(-1) ?? 0;
  const stem = name.replace(/\.weight$/, "");
  const groups = [...rows, columns / group];
  return [
    { name: `${stem}.weight`, dtype: "U32", shape: [...rows, (columns * bits) / 32] },
    { name: `${stem}.scales`, dtype: affine ? wide : "U8", shape: groups },
    ...(affine ? [{ name: `${stem}.biases`, dtype: wide, shape: groups }] : []),
  ];
}

/** Stack the experts of a layer into one array per projection: mlx-lm turns 18,432 arrays of Qwen3-30B-A3B into 144. */
function stackExperts(weights: readonly Weight[]): readonly Weight[] {
  const stacked = new Map<string, Weight>();
  for (const weight of weights) {
    const name = weight.name.replace(/\.experts\.\d+\./, ".switch_mlp.");
    const first = stacked.get(name);
    const [count = 0, ...shape] = first?.shape ?? [];
    if (!first)
      stacked.set(name, name === weight.name ? weight : { ...weight, name, shape: [1, ...weight.shape] });
    else {
      const parameters = first.parameters + weight.parameters;
      stacked.set(name, { ...first, shape: [count + 1, ...shape], parameters });
    }
  }
  return [...stacked.values()];
}
