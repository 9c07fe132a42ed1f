/** The purposes of the matrices in a transformer layer, and the widths that they show. */
import { type Unknown, unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";
import { createConfigReader } from "../memory/config-reader.ts";
import type { Weight } from "../model/weight.ts";
import { isConv1D, type LinearLayer } from "../quant/layers.ts";
import type { Layer } from "./stacks.ts";

/** How wide one transformer layer is, as its own matrices show. */
export interface LayerWidths {
  readonly hidden: number;
  /** Of all heads together. */
  readonly query: number;
  readonly keyValue: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** One axis of a weight: a width of its layer, query, key and value `fused`, the inner width once or `twice`, or another. */
export type Axis = keyof LayerWidths | "fused" | "intermediate" | "twice" | "fixed";

/** The first row that matches decides. Each comes from the real checkpoints in its comment. */
const PROJECTIONS = [
  // k_lin of distilbert; SelfAttention.k and EncDecAttention.k of google-t5/t5-base
  ["query", "query", "hidden", /\.(?:q_proj|query|q_lin|(?:Self|EncDec)Attention\.q)$/],
  ["key", "keyValue", "hidden", /\.(?:k_proj|key|k_lin|(?:Self|EncDec)Attention\.k)$/],
  ["value", "keyValue", "hidden", /\.(?:v_proj|value|v_lin|(?:Self|EncDec)Attention\.v)$/],
  // microsoft/phi-4; bigscience/bloom; openai-community/gpt2; mosaicml/mpt-7b
  ["query-key-value", "fused", "hidden", /\.(?:qkv_proj|query_key_value|attn\.c_attn|Wqkv)$/],
  [
    // facebook/bart-base; google-bert/bert-base-uncased; bloom; microsoft/phi-2; ALBERT; gpt2; distilbert; t5
    "attention-output",
    "hidden",
    "query",
    /\.(?:o_proj|out_proj|attention\.output\.dense|(?:self_attention|self_attn|attention)\.dense|attn\.c_proj|out_lin|(?:Self|EncDec)Attention\.o)$/,
  ],
  ["relative-bias", "fixed", "heads", /\.relative_attention_bias$/], // t5: a column a head
  ["sinks", "heads", "fixed", /\.sinks$/], // openai/gpt-oss-20b: one a head
  ["gate-up", "twice", "hidden", /\.gate_up_proj$/], // phi-4, gpt-oss: both in one matrix
  [
    // llama; bart; bert; distilbert; gpt2; bloom; t5, google/flan-t5-base; mistralai/Mixtral-8x7B-v0.1; ALBERT
    "up",
    "intermediate",
    "hidden",
    /\.(?:gate_proj|up_proj|fc1|intermediate\.dense|lin1|c_fc|dense_h_to_4h|wi|wi_0|wi_1|w1|w3|ffn)$/,
  ],
  [
    "down",
    "hidden",
    "intermediate",
    /\.(?:down_proj|fc2|output\.dense|lin2|mlp\.c_proj|dense_4h_to_h|wo|w2|ffn_output)$/,
  ],
] as const satisfies readonly (readonly [purpose: string, outputs: Axis, inputs: Axis, names: RegExp])[];

/** A matrix of a layer, or its bias, with the axes of its outputs and inputs. */
interface Projection {
  readonly purpose: (typeof PROJECTIONS)[number][0];
  readonly outputs: Axis;
  readonly inputs: Axis;
}

/** The projection that a weight or a bias of a layer belongs to; null for norms, routers and all else. */
export function classifyProjection(name: string): Projection | null {
  const stem = name.replace(/[._](?:weight|bias)$/, "");
  const row = PROJECTIONS.find(([, , , names]) => names.test(stem));
  return row ? { purpose: row[0], outputs: row[1], inputs: row[2] } : null;
}

export function isBias(name: string): boolean {
  return /[._]bias$/.test(name);
}

/** Conv1D, of which the blocks of a GPT-2 are made. */
export function isInputsFirst(role: Weight["role"], config: Config | null): boolean {
  return isConv1D(config) && (role === "attention" || role === "mlp");
}

/** Return the first matrix of a layer for one of these purposes, by what goes in and what comes out. */
export function findMatrix(
  { weights }: Layer,
  config: Config | null,
  ...purposes: readonly Projection["purpose"][]
): Pick<LinearLayer, "outputs" | "inputs"> | null {
  // A bias per expert of openai/gpt-oss-20b has two dimensions as well.
  const found = weights.find(
    ({ name, shape }) =>
      shape.length === 2 &&
      !isBias(name) &&
      purposes.some((one) => one === classifyProjection(name)?.purpose),
  );
  if (!found) return null;
  const [first = 0, second = 0] = found.shape;
  return isInputsFirst(found.role, config)
    ? { outputs: second, inputs: first }
    : { outputs: first, inputs: second };
}

/**
 * Read the widths off a layer; only the number of heads is in no shape. Unknown for attention of another build, such as
 * the latent one of deepseek-ai/DeepSeek-V2-Lite.
 */
export function measureLayer(layer: Layer, config: Config | null): LayerWidths | Unknown {
  const heads = config && createConfigReader(config).optional(...keysOf("heads", "decoderHeads")); // google/gemma-3-4b-it leaves it to its class
  if (!heads) return unknown("config.json does not state the number of attention heads");
  const output = findMatrix(layer, config, "attention-output");
  const key = findMatrix(layer, config, "key");
  const fused = findMatrix(layer, config, "query-key-value");
  const other = layer.weights.find(
    ({ name, shape, role }) => role === "attention" && shape.length > 1 && classifyProjection(name) === null,
  );
  if (!output || (!key && !fused) || other)
    return unknown(`heads of its attention are not known: ${other?.name ?? layer.weights[0]?.name}`);
  const { outputs: hidden, inputs: query } = output;
  const keyValue = key ? key.outputs : ((fused?.outputs ?? 0) - query) / 2;
  const headSize = query / heads;
  const keyValueHeads = keyValue / headSize;
  if (![headSize, keyValueHeads].every((count) => Number.isSafeInteger(count) && count > 0))
    return unknown(`its ${heads} heads do not divide an attention ${query} wide`);
  return { hidden, query, keyValue, heads, keyValueHeads, headSize };
}
