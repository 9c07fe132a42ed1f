import { readCount, type Config } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import { modelTypes } from "../../model/architectures.ts";

const isGemma4 = modelTypes("gemma4 gemma4_text");

/** A tensor under its GGUF name, dimensions still outermost first. */
interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Split what checkpoints store as one tensor and GGUF as several; return any other tensor unchanged. */
export function splitFused(tensor: NamedShape, config: Config | null): readonly NamedShape[] {
  const { name } = tensor;
  // Gemma 4 stays as it was: gemma-4-26B-A4B-it of ggml-org.
  if (name.includes("ffn_gate_up_") && !isGemma4(config)) return splitGateAndUp(tensor, config);
  if (name.endsWith("ffn_down_exps.weight")) return [orientDown(tensor, config)];
  if (name.endsWith("attn_kv_b.weight")) return splitLatent(tensor, config);
  if (name.endsWith("attn_q_k_v.weight")) return splitQueryKeyValue(tensor, config);
  return [tensor];
}

/** Granite stores rows of outputs, Llama 4 rows of inputs; gpt-oss also has a vector of biases per expert. */
function splitGateAndUp(tensor: NamedShape, config: Config | null): readonly NamedShape[] {
  const { name, shape } = tensor;
  const hidden = config && readDimension(config.text, "hiddenSize");
  const [columns = 1, rows = 1, ...outer] = shape.toReversed();
  const isBias = name.endsWith(".bias");
  const isInputsFirst = rows === hidden && columns !== hidden;
  const half = isInputsFirst ? [columns / 2, rows] : isBias ? [rows, columns / 2] : [rows / 2, columns];
  if (!half.every(Number.isSafeInteger)) return [tensor];
  return ["ffn_gate", "ffn_up"].map((projection) => ({
    name: name.replace("ffn_gate_up", projection),
    shape: [...outer.toReversed(), ...half],
  }));
}

function orientDown(tensor: NamedShape, config: Config | null): NamedShape {
  const hidden = config && readDimension(config.text, "hiddenSize");
  const [experts = 1, rows = 1, columns = 1] = tensor.shape;
  const isInputsFirst = columns === hidden && rows !== hidden;
  return isInputsFirst ? { name: tensor.name, shape: [experts, columns, rows] } : tensor;
}

/** DeepSeek projects keys and values from one latent vector (MLA); GGUF stores the keys transposed. */
function splitLatent(tensor: NamedShape, config: Config | null): readonly NamedShape[] {
  const keyWidth = config && readCount(config.text, "qk_nope_head_dim");
  const valueWidth = config && readCount(config.text, "v_head_dim");
  const [rows = 1, latent = 1] = tensor.shape;
  const heads = rows / ((keyWidth ?? 0) + (valueWidth ?? 0));
  if (keyWidth === null || valueWidth === null || !Number.isSafeInteger(heads)) return [tensor];
  return [
    { name: tensor.name.replace("kv_b", "k_b"), shape: [heads, latent, keyWidth] },
    { name: tensor.name.replace("kv_b", "v_b"), shape: [heads, valueWidth, latent] },
  ];
}

/** InternLM2 interleaves queries, keys and values per group. */
function splitQueryKeyValue(tensor: NamedShape, config: Config | null): readonly NamedShape[] {
  const heads = config && readDimension(config.text, "heads");
  const groups = (config && readDimension(config.text, "kvHeads")) ?? heads;
  const [rows = 1, columns = 1] = tensor.shape;
  const width = rows / ((heads ?? 0) + 2 * (groups ?? 0));
  if (heads === null || groups === null || !Number.isSafeInteger(width)) return [tensor];
  return [
    { name: tensor.name.replace("q_k_v", "q"), shape: [width * heads, columns] },
    { name: tensor.name.replace("q_k_v", "k"), shape: [width * groups, columns] },
    { name: tensor.name.replace("q_k_v", "v"), shape: [width * groups, columns] },
  ];
}
