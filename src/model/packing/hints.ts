import { isObject, readString, type Config, type JsonObject } from "../../format/config.ts";
import { readDimension, readHeadSize } from "../../format/dimensions.ts";

/** Facts of a config that help to unpack tensors. They only confirm: the shapes of the tensors come first. */
export interface PackingHints {
  readonly config: Config | null;
  /** The quantization section, under any of its names; null where there is none. */
  readonly quantization: JsonObject | null;
  /** `quant_method` in lower case: `gptq`, `mxfp4`. */
  readonly method: string | null;
  /** Every width and group size of weights in the section, for the whole model or for some modules. */
  readonly bitWidths: ReadonlySet<number>;
  readonly groupSizes: ReadonlySet<number>;
  /** Dimensions that weights of this model may have; empty where the config lists none. */
  readonly dimensions: ReadonlySet<number>;
}

/** MLX writes `quantization`, sparseml wrote `compression_config`, everyone else writes `quantization_config`. */
const QUANTIZATION_KEYS: readonly string[] = ["quantization", "quantization_config", "compression_config"];

/** `w_bit`: AutoAWQ; `num_bits`: compressed-tensors, ModelOpt; `nbits`: HQQ; `bits`: everyone else. */
const BIT_WIDTH_KEYS: readonly string[] = ["bits", "num_bits", "nbits", "w_bit", "weight_bits"];
const GROUP_SIZE_KEYS: readonly string[] = ["group_size", "q_group_size", "w_group_size"];

/** compressed-tensors and Quark use the keys of weights for activations and caches too. */
const ACTIVATION_KEYS: readonly string[] = [
  "input_activations",
  "output_activations",
  "input_tensors",
  "output_tensors",
  "kv_cache_scheme",
];

/** Below this, numbers in a config count layers and heads; they are not dimensions of weights. */
const SMALLEST_DIMENSION = 16;
const MAX_DEPTH = 6;

export function readPackingHints(config: Config | null): PackingHints {
  const quantization = config === null ? null : findQuantization(config);
  const bitWidths = new Set<number>();
  const groupSizes = new Set<number>();
  visitCounts(quantization ?? {}, ACTIVATION_KEYS, (key, count) => {
    if (BIT_WIDTH_KEYS.includes(key)) bitWidths.add(count);
    if (GROUP_SIZE_KEYS.includes(key)) groupSizes.add(count);
  });
  return {
    config,
    quantization,
    method: quantization === null ? null : (readString(quantization, "quant_method")?.toLowerCase() ?? null),
    bitWidths,
    groupSizes,
    dimensions: config === null ? new Set() : collectDimensions(config),
  };
}

function findQuantization(config: Config): JsonObject | null {
  for (const part of [config.root, config.text]) {
    for (const key of QUANTIZATION_KEYS) {
      const section = part[key];
      if (isObject(section)) return section;
    }
  }
  return null;
}

/** Collect every dimension in the config, and those that follow from its numbers of heads. */
function collectDimensions(config: Config): Set<number> {
  const dimensions = new Set<number>();
  visitCounts(
    config.root,
    QUANTIZATION_KEYS,
    (_, count) => dimensions.add(count),
    (object) => listAttentionWidths(object).forEach((width) => dimensions.add(width)),
  );
  for (const dimension of dimensions) if (dimension < SMALLEST_DIMENSION) dimensions.delete(dimension);
  return dimensions;
}

function listAttentionWidths(object: JsonObject): readonly number[] {
  const heads = readDimension(object, "heads");
  const headWidth = readHeadSize(object);
  if (heads === null || headWidth === null) return [];
  const keyValueHeads = readDimension(object, "kvHeads") ?? heads;
  return [heads, keyValueHeads, heads + 2 * keyValueHeads].map((count) => count * headWidth);
}

/** Call back for every positive whole number of an object and of the objects in it, then for each object. */
function visitCounts(
  object: JsonObject,
  skippedKeys: readonly string[],
  onCount: (key: string, count: number) => void,
  onObject: (object: JsonObject) => void = () => {},
  depth = 0,
): void {
  for (const [key, value] of Object.entries(object)) {
    if (skippedKeys.includes(key)) continue;
    if (isObject(value)) {
      if (depth < MAX_DEPTH) visitCounts(value, skippedKeys, onCount, onObject, depth + 1);
    } else if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) onCount(key, value);
  }
  onObject(object);
}
