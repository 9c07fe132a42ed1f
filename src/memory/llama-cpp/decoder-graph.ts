/** The tensors of a decoder in the order in which llama.cpp computes them: src/llama-graph.cpp and src/models. */
import { addAttention, addScan } from "./attention-graph.ts";
import {
  nameMask,
  type DecoderGraphRequest,
  type GraphContext,
  type GraphLayer,
  type ModelWidths,
} from "./graph-context.ts";
import { createGraph, type GraphTensor } from "./graph-memory.ts";

const FLOAT_BYTES = 4;
/** The mask is kept in 16 bits for flash attention. */
const HALF_BYTES = 2;
const INDEX_BYTES = 8;
/** For heads of 128 elements; values are spread by 64. */
const KEY_ROTATION_BYTES = 128 * 128 * FLOAT_BYTES;
const VALUE_ROTATION_BYTES = 64 * 64 * FLOAT_BYTES;

export function countDecoderBytes(
  widths: ModelWidths,
  layers: readonly GraphLayer[],
  request: DecoderGraphRequest,
): number {
  const { tokens, flashAttention } = request;
  const graph = createGraph();
  const row = tokens * FLOAT_BYTES;
  const hidden = widths.hidden * row;
  const words = graph.input(row);
  // For embeddings in place of words. Nothing reads it, so it stays.
  graph.input(hidden);
  const masked = layers.flatMap(({ attention }) => attention ?? []);
  const maskBytes = tokens * (flashAttention ? HALF_BYTES : FLOAT_BYTES);
  const inputs: GraphContext["inputs"] = {
    positions: graph.input(row),
    keyRotation: request.isQuantized ? graph.input(KEY_ROTATION_BYTES) : null,
    valueRotation: request.isQuantized ? graph.input(VALUE_ROTATION_BYTES) : null,
    keyRows: graph.input(tokens * INDEX_BYTES),
    valueRows: graph.input(tokens * INDEX_BYTES * (flashAttention ? 1 : widths.values)),
    masks: new Map(
      ["full", "window"].flatMap((name) => {
        const found = masked.find((one) => nameMask(one.kind) === name);
        return found ? [[name, graph.input(found.cells * maskBytes)] as const] : [];
      }),
    ),
    outputs: graph.input(row),
  };
  const context: GraphContext = { ...request, graph, widths, row, inputs };
  let state = graph.add(hidden, words);
  for (const [index, layer] of layers.entries())
    state = addLayer(context, layer, { state, isLast: index === layers.length - 1 });
  state = addNorm(context, state);
  if (widths.traits.gathers === "atEnd") state = graph.add(hidden, state, inputs.outputs);
  graph.add(widths.vocabulary * row, state);
  return graph.placeAll();
}

function addLayer(
  context: GraphContext,
  layer: GraphLayer,
  { state, isLast }: { readonly state: GraphTensor; readonly isLast: boolean },
): GraphTensor {
  const { graph, widths, row, inputs } = context;
  const { attention } = layer;
  const { isParallel, isNetworkLast, hasClosingNorms, gathers } = widths.traits;
  const hidden = widths.hidden * row;
  const gather = (tensor: GraphTensor) =>
    isLast && gathers !== "atEnd" ? graph.add(hidden, tensor, inputs.outputs) : tensor;
  const close = (tensor: GraphTensor) => (hasClosingNorms ? addNorm(context, tensor) : tensor);
  if (!attention && widths.state === 0) {
    const left = gather(state);
    return graph.replace(hidden, addFeedForward(context, addNorm(context, left), layer), left);
  }
  const read = addNorm(context, state);
  const attended = attention ? addAttention(context, read, attention) : addScan(context, read);
  const addOutput = () => gather(graph.add(hidden, attended));
  if (isParallel) {
    const network = addFeedForward(context, gather(read), layer);
    const first = graph.replace(hidden, network, gathers === "stateFirst" ? gather(state) : addOutput());
    return graph.replace(hidden, first, gathers === "stateFirst" ? addOutput() : gather(state));
  }
  const early = gathers === "stateFirst" ? gather(state) : null;
  const output = close(addOutput());
  const sum = graph.replace(hidden, ...(early ? [early, output] : [output, gather(state)]));
  const network = close(addFeedForward(context, addNorm(context, sum), layer));
  return graph.replace(hidden, ...(isNetworkLast ? [sum, network] : [network, sum]));
}

/** A norm and the product with its weight, in one place; a layer norm does not take the place of what it reads. */
function addNorm({ graph, widths, row }: GraphContext, tensor: GraphTensor): GraphTensor {
  const hidden = widths.hidden * row;
  const norm = widths.traits.hasLayerNorms ? graph.add(hidden, tensor) : graph.replace(hidden, tensor);
  return graph.replace(hidden, norm);
}

function addFeedForward(
  context: GraphContext,
  read: GraphTensor,
  { feedForward, isDense }: GraphLayer,
): GraphTensor {
  const { graph, widths, row } = context;
  const { experts } = widths;
  const hidden = widths.hidden * row;
  if (experts === null || isDense) return addNetwork(context, read, feedForward * row);
  const { count, used, width, shared } = experts;
  const scores = graph.replace(count * row, graph.add(count * row, read));
  const chosen = graph.add(count * row, scores);
  const shares = graph.add(used * row, scores, chosen);
  const inner = graph.add(
    used * width * row,
    graph.add(used * width * row, read, chosen),
    graph.add(used * width * row, read, chosen),
  );
  const each = graph.replace(used * hidden, graph.add(used * hidden, inner, chosen), shares);
  const sum = graph.replace(hidden, graph.add(hidden, each), each);
  return shared === 0 ? sum : graph.replace(hidden, sum, addNetwork(context, read, shared * row));
}

function addNetwork({ graph, widths, row }: GraphContext, read: GraphTensor, bytes: number): GraphTensor {
  const { network } = widths.traits;
  const add = {
    gated: () => graph.add(bytes, graph.add(bytes, read), graph.add(bytes, read)),
    fused: () => graph.add(bytes, graph.add(2 * bytes, read)),
    plain: () => graph.replace(bytes, graph.add(bytes, read)),
  }[network];
  return graph.add(widths.hidden * row, add());
}
