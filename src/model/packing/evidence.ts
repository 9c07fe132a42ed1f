import { isObject, readCount, readString, type Config, type JsonObject } from "../config.ts";

/** What a model's config says that helps to unpack its tensors. Confirmation only: the tensors speak first. */
export interface Evidence {
  readonly config: Config | null;
  /** The quantization section, wherever the config keeps it; null when it has none. */
  readonly quantization: JsonObject | null;
  /** `quant_method` in lower case: `gptq`, `mxfp4`. */
  readonly method: string | null;
  /** Dimensions that weights of this model have; empty when the config names none. */
  readonly dimensions: ReadonlySet<number>;
}

/** MLX writes `quantization`, sparseml wrote `compression_config`, everyone else writes `quantization_config`. */
const QUANTIZATION_KEYS = ["quantization", "quantization_config", "compression_config"] as const;

/** Below this, numbers in a config are counts of layers and heads rather than the widths of weights. */
const SMALLEST_DIMENSION = 16;
const DEEPEST_LEVEL = 4;

export function gatherEvidence(config: Config | null): Evidence {
  const quantization = config === null ? null : findQuantization(config);
  return {
    config,
    quantization,
    method: quantization === null ? null : (readString(quantization, "quant_method")?.toLowerCase() ?? null),
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

/** Every width the config names, and those that follow from them. */
function collectDimensions(config: Config): Set<number> {
  const dimensions = new Set<number>();
  const visit = (object: JsonObject, level: number): void => {
    for (const [key, value] of Object.entries(object)) {
      if ((QUANTIZATION_KEYS as readonly string[]).includes(key)) continue;
      if (isObject(value) && level < DEEPEST_LEVEL) visit(value, level + 1);
      else if (Number.isSafeInteger(value)) dimensions.add(value as number);
    }
    for (const dimension of attentionWidths(object)) dimensions.add(dimension);
  };
  visit(config.root, 0);
  for (const dimension of dimensions) if (dimension < SMALLEST_DIMENSION) dimensions.delete(dimension);
  return dimensions;
}

function attentionWidths(object: JsonObject): readonly number[] {
  const hidden = readCount(object, "hidden_size", "n_embd", "d_model");
  const heads = readCount(object, "num_attention_heads", "n_head", "num_heads");
  if (hidden === null || heads === null) return [];
  const keyValueHeads = readCount(object, "num_key_value_heads") ?? heads;
  const headDimension = readCount(object, "head_dim") ?? hidden / heads;
  return [heads * headDimension, keyValueHeads * headDimension, (heads + 2 * keyValueHeads) * headDimension];
}
