import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import {
  classifyArchitecture,
  isVocabularyMatrix,
  readLinearLayer,
  readWeightBytes,
  withSeparateHead,
} from "./layers.ts";
import { computeSafetensorsBytes, type StoredDtype, type StoredTensor } from "./safetensors-file.ts";
import {
  buildSchemes,
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

/** ml-explore/mlx, mlx/backend/cpu/quantized.cpp; ml-explore/mlx-lm, mlx_lm/utils.py, quantize_model. */
const MODES: Readonly<Record<string, Mode>> = {
  ...Object.fromEntries(
    [4, 8, 2, 3, 5, 6].flatMap((bits) =>
      Object.entries(GROUPS).map(([suffix, group]) => [`${bits}bit${suffix}`, { bits, group, affine: true }]),
    ),
  ),
  mxfp4: { bits: 4, group: 32, affine: false },
  nvfp4: { bits: 4, group: 16, affine: false },
};

/** Routers lose too much at 4 bits, so mlx-lm gives them 8 (mlx_lm/models/qwen3_moe.py, quant_predicate). */
const ROUTER: Mode = { bits: 8, group: 64, affine: true };

/** Here the router is a plain array, which is not quantized (mlx_lm/models/deepseek_v3.py, MoEGate). */
const PLAIN_ROUTER = /^(?:deepseek|glm4_moe|kimi|dots1|bailing_moe)/;

/** MLX, as mlx-lm converts for Apple silicon: every linear layer, the embedding and the head alike. */
export const MLX = {
  name: "mlx",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode, options: SchemeOptions): Prediction | Unknown {
  const kind = classifyArchitecture(model);
  if (kind !== "decoder" && kind !== "multimodal")
    return unknown("mlx-lm converts decoder-only language models");
  const { config } = model;
  const wide = readWeightBytes(config) === 4 ? "F32" : "BF16";
  const stored = stackExperts(withSeparateHead(model.weights, options.separateHead)).flatMap(
    (weight): readonly StoredTensor[] => {
      const weightMode = weight.role === "router" ? ROUTER : mode;
      const plainRouter = weight.role === "router" && PLAIN_ROUTER.test(config?.modelType ?? "");
      const shape = plainRouter ? null : readQuantizedShape(weight, model, weightMode.group);
      return shape
        ? store(weight.name, shape, weightMode, wide)
        : [{ name: weight.name, dtype: wide, shape: weight.shape }];
    },
  );
  return {
    bytes: computeSafetensorsBytes(stored, "mlx"),
    largestArrayBytes: null,
    // 0.003 % on DeepSeek-R1-Distill-Qwen-14B at 3 bits; no file with towers was measured.
    errorBand: kind === "multimodal" ? 0.05 : 0.001,
    assumptions: kind === "multimodal" ? ["vision and audio towers stay in 16 bits"] : [],
  };
}

/** Return the quantized shape, outermost dimension first; null where rows are not whole groups and words, or are not quantized. */
function readQuantizedShape(
  weight: Weight,
  { config }: LogicalModel,
  group: number,
): readonly number[] | null {
  const { role, shape } = weight;
  const layer = readLinearLayer(weight, config);
  const isOther = isVocabularyMatrix(weight) || (role === "router" && shape.length === 2);
  const logical = layer && layer.matrices === 1 ? [layer.outputs, layer.inputs] : shape;
  return (layer || isOther) && (logical.at(-1) ?? 0) % Math.max(group, 32) === 0 ? logical : null;
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
    if (!first)
      stacked.set(name, name === weight.name ? weight : { ...weight, name, shape: [1, ...weight.shape] });
    else stacked.set(name, { ...first, shape: [(first.shape[0] ?? 0) + 1, ...first.shape.slice(1)] });
  }
  return [...stacked.values()];
}
