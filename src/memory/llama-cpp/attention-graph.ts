/** How a layer attends to earlier tokens. */
import { nameMask, type GraphAttention, type GraphContext, type ModelWidths } from "./graph-context.ts";
import type { GraphTensor } from "./graph-memory.ts";

/** Add an attention. What is returned adds the rest up to its output projection, which llama.cpp may compute later. */
export function addAttention(
  context: GraphContext,
  read: GraphTensor,
  attention: GraphAttention,
): () => GraphTensor {
  const { graph, widths, row, inputs, flashAttention } = context;
  const { heads, latent } = widths;
  const { kind, cells } = attention;
  const name = nameMask(kind);
  const mask = name === null ? [] : [inputs.masks.get(name) ?? inputs.positions];
  const isLatent = kind === "mla" && latent !== null;
  const attended = (isLatent ? heads * latent.rank : attention.attended) * row;
  const { queries, gate } = isLatent
    ? { queries: addLatents(context, read, latent), gate: null }
    : addQueries(context, read, attention);
  const attend = (): GraphTensor => {
    if (flashAttention || kind === "unmasked") return graph.add(attended, queries, ...mask);
    const scores = graph.add(heads * cells * row, queries);
    return graph.add(attended, graph.replace(heads * cells * row, scores, ...mask));
  };
  let output = attend();
  if (isLatent) output = graph.add(latent.values * row, output);
  const isCopied = isLatent || !flashAttention;
  if (isCopied) output = graph.add(isLatent ? latent.values * row : attended, output);
  return () => {
    if (!isCopied && inputs.valueRotation) output = graph.add(attended, inputs.valueRotation, output);
    if (!gate) return output;
    const opened = graph.replace(attended, graph.add(attended, gate));
    return graph.replace(attended, isCopied ? output : graph.view(output), opened);
  };
}

/** Queries that attend; keys and values are written to the cache. */
function addQueries(context: GraphContext, read: GraphTensor, { queries: width, written }: GraphAttention) {
  const { graph, widths, row, inputs } = context;
  const { traits } = widths;
  const queryBytes = width * row;
  const [keyBytes, valueBytes] = [(written?.keys ?? 0) * row, (written?.values ?? 0) * row];
  // A view of a tensor cannot be replaced: its norm, or its rotation, is a tensor of its own.
  const turn = (bytes: number, from: GraphTensor) => {
    if (!traits.hasRotation) return from;
    if (traits.hasRowNorms) return graph.add(bytes, graph.replace(bytes, from), inputs.positions);
    if (!traits.hasHeadNorms) return graph.add(bytes, from, inputs.positions);
    return graph.replace(bytes, graph.replace(bytes, graph.add(bytes, from)), inputs.positions);
  };
  const fused = traits.isQkvFused ? graph.add(queryBytes + keyBytes + valueBytes, read) : null;
  const gate = traits.hasGatedQueries ? graph.add(2 * queryBytes, read) : null;
  const spread = (bytes: number, from: GraphTensor, rotation: GraphTensor | null) =>
    rotation ? graph.add(bytes, rotation, from) : from;
  const { keyRotation, valueRotation } = inputs;
  const queries = spread(
    queryBytes,
    turn(queryBytes, fused ?? gate ?? graph.add(queryBytes, read)),
    keyRotation,
  );
  if (written === null) return { queries, gate };
  const addValues = () => {
    const values = fused ?? graph.add(valueBytes, read);
    return spread(valueBytes, traits.hasValueNorms ? graph.add(valueBytes, values) : values, valueRotation);
  };
  // Values before keys, except for models with windows.
  const early = inputs.masks.has("window") ? null : addValues();
  const keys = spread(keyBytes, turn(keyBytes, fused ?? graph.add(keyBytes, read)), keyRotation);
  const values = early ?? addValues();
  graph.add(0, keys, inputs.keyRows);
  graph.add(0, values, inputs.valueRows);
  return { queries, gate };
}

/** Queries that have taken in the matrix of the latents. */
function addLatents(
  { graph, widths, row, inputs }: GraphContext,
  read: GraphTensor,
  { rank, rotary, queries: plainWidth }: NonNullable<ModelWidths["latent"]>,
): GraphTensor {
  const { heads } = widths;
  const plain = graph.add(plainWidth * row, read);
  const absorbed = graph.add(heads * rank * row, plain);
  const rotated = graph.add(heads * rotary * row, plain, inputs.positions);
  const queries = graph.add(heads * (rank + rotary) * row, absorbed, rotated);
  const latent = graph.add((rank + rotary) * row, read);
  graph.add(0, graph.add((rank + rotary) * row, latent), inputs.keyRows);
  return queries;
}
