/** How a layer reads earlier tokens: attention of several kinds, and scans of states. */
import { nameMask, type GraphContext, type GraphLayer, type ModelWidths } from "./graph-context.ts";
import type { GraphTensor } from "./graph-memory.ts";

export function addAttention(
  context: GraphContext,
  read: GraphTensor,
  { kind, cells }: NonNullable<GraphLayer["attention"]>,
): GraphTensor {
  const { graph, widths, row, inputs, flashAttention } = context;
  const { heads, latent } = widths;
  const name = nameMask(kind);
  const mask = name === null ? [] : [inputs.masks.get(name) ?? inputs.positions];
  const isLatent = kind === "mla" && latent !== null;
  const attended = (isLatent ? heads * latent.rank : widths.attended) * row;
  const { queries, gate } = isLatent
    ? { queries: addLatents(context, read, latent), gate: null }
    : addQueries(context, read, kind);
  const attend = (): GraphTensor => {
    if (flashAttention || kind === "unmasked") return graph.add(attended, queries, ...mask);
    const scores = graph.add(heads * cells * row, queries);
    return graph.add(attended, graph.replace(heads * cells * row, scores, ...mask));
  };
  let output = attend();
  if (isLatent) output = graph.add(latent.values * row, output);
  if (isLatent || !flashAttention)
    output = graph.add((isLatent ? latent.values : widths.attended) * row, output);
  else if (inputs.valueRotation) output = graph.add(attended, inputs.valueRotation, output);
  if (!gate) return output;
  return graph.replace(attended, output, graph.replace(attended, graph.add(attended, gate)));
}

/** A convolution over the last tokens, a scan of states, and a gate: src/models/mamba-base.cpp. */
export function addScan({ graph, widths, row }: GraphContext, read: GraphTensor): GraphTensor {
  const width = widths.state * row;
  const mixed = graph.add(2 * width, read);
  const joined = graph.add(width, mixed);
  const convolved = graph.add(width, joined);
  const steps = graph.add(width, convolved);
  const scanned = graph.add(width, convolved, steps);
  const gate = graph.add(width, mixed);
  const sum = graph.add(width, scanned, graph.replace(width, convolved));
  return graph.add(width, gate, sum);
}

/** Queries that attend; keys and values are written to the cache. */
function addQueries(context: GraphContext, read: GraphTensor, kind: string) {
  const { graph, widths, row, inputs } = context;
  const { traits } = widths;
  const [queryBytes, keyBytes, valueBytes] = [widths.queries * row, widths.keys * row, widths.values * row];
  // A view of a tensor cannot be replaced: its norm, or its rotation, is a tensor of its own.
  const turn = (bytes: number, from: GraphTensor) =>
    traits.hasHeadNorms
      ? graph.replace(bytes, graph.replace(bytes, graph.add(bytes, from)), inputs.positions)
      : graph.add(bytes, from, inputs.positions);
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
  if (kind === "shared") return { queries, gate };
  const addValues = () => spread(valueBytes, fused ?? graph.add(valueBytes, read), valueRotation);
  // Values before keys, except for models with windows.
  const early = kind === "window" ? null : addValues();
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
  { rank, rotary }: NonNullable<ModelWidths["latent"]>,
): GraphTensor {
  const { heads } = widths;
  const plain = graph.add(widths.queries * row, read);
  const absorbed = graph.add(heads * rank * row, plain);
  const rotated = graph.add(heads * rotary * row, plain, inputs.positions);
  const queries = graph.add(heads * (rank + rotary) * row, absorbed, rotated);
  const latent = graph.add((rank + rotary) * row, read);
  graph.add(0, graph.add((rank + rotary) * row, latent), inputs.keyRows);
  return queries;
}
