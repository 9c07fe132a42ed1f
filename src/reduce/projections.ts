/** The purposes of matrices in a transformer layer. */
const PROJECTIONS = [
  "query",
  "key",
  "value",
  "query-key-value",
  "attention-output",
  "up",
  "gate-up",
  "down",
  "relative-bias",
  "sinks",
] as const;

export type Projection = (typeof PROJECTIONS)[number];

/** The first row that matches decides. Each comes from the real checkpoints in its comment. */
const RULES: readonly (readonly [Projection, RegExp])[] = [
  // k_lin of distilbert; SelfAttention.k and EncDecAttention.k of google-t5/t5-base
  ["query", /\.(?:q_proj|query|q_lin|(?:Self|EncDec)Attention\.q)$/],
  ["key", /\.(?:k_proj|key|k_lin|(?:Self|EncDec)Attention\.k)$/],
  ["value", /\.(?:v_proj|value|v_lin|(?:Self|EncDec)Attention\.v)$/],
  // microsoft/phi-4; bigscience/bloom; openai-community/gpt2; mosaicml/mpt-7b
  ["query-key-value", /\.(?:qkv_proj|query_key_value|attn\.c_attn|Wqkv)$/],
  [
    // facebook/bart-base; google-bert/bert-base-uncased; bloom; microsoft/phi-2; ALBERT; gpt2; distilbert; t5
    "attention-output",
    /\.(?:o_proj|out_proj|attention\.output\.dense|(?:self_attention|self_attn|attention)\.dense|attn\.c_proj|out_lin|(?:Self|EncDec)Attention\.o)$/,
  ],
  ["relative-bias", /\.relative_attention_bias$/], // t5: a column a head
  ["sinks", /\.sinks$/], // openai/gpt-oss-20b: one a head
  ["gate-up", /\.gate_up_proj$/], // phi-4, gpt-oss: both in one matrix
  [
    // llama; bart; bert; distilbert; gpt2; bloom; t5, google/flan-t5-base; mistralai/Mixtral-8x7B-v0.1; ALBERT
    "up",
    /\.(?:gate_proj|up_proj|fc1|intermediate\.dense|lin1|c_fc|dense_h_to_4h|wi|wi_0|wi_1|w1|w3|ffn)$/,
  ],
  ["down", /\.(?:down_proj|fc2|output\.dense|lin2|mlp\.c_proj|dense_4h_to_h|wo|w2|ffn_output)$/],
];

/** The part that a weight or a bias of a layer belongs to; null for norms, routers and all else. */
export function classifyProjection(name: string): Projection | null {
  const stem = name.replace(/[._](?:weight|bias)$/, "");
  for (const [part, pattern] of RULES) if (pattern.test(stem)) return part;
  return null;
}

/** True for the matrix of a part itself: a bias an expert of openai/gpt-oss-20b has two dimensions as well. */
export function isMatrixOf(
  part: Projection,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): boolean {
  return shape.length === 2 && !isBias(name) && classifyProjection(name) === part;
}

export function isBias(name: string): boolean {
  return /[._]bias$/.test(name);
}
