/** The tensors of a decoder in the order in which llama.cpp computes them: src/llama-graph.cpp and src/models. */
import { addAttention } from "./attention-graph.ts";
import {
  addNorm,
  FLOAT_BYTES,
  nameMask,
  type DecoderGraphRequest,
  type GraphContext,
  type GraphLayer,
  type ModelWidths,
} from "./graph-context.ts";
import { createGraph, type GraphTensor } from "./graph-memory.ts";
import { addLastInputs, addScan } from "./state-graph.ts";

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
    valueRows: graph.input(tokens * INDEX_BYTES * (flashAttention ? 1 : widths.kvHeads * widths.valueSize)),
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
  const addInput = prepareLayerInputs(context, state);
  let last: GraphTensor | null = null;
  for (const [index, layer] of layers.entries()) {
    // Where nothing forces an order, llama.cpp reads for the next scan before it ends a layer.
    const next = layers
      .slice(index + 1)
      .find((later) => later.attention ?? (later.hasScan || widths.experts));
    const scansLater = widths.traits.readsAhead && next?.hasScan === true;
    const added = addLayer(context, layer, { state, last, scansLater, isLast: index === layers.length - 1 });
    last = added.last;
    state = addInput(added.state);
  }
  state = addNorm(context, state);
  if (widths.traits.gathers === "atEnd") {
    // Drafting reads the hidden states of all tokens: `t_h_nextn`.
    graph.keep(state);
    state = graph.add(hidden, state, inputs.outputs);
  }
  graph.add(widths.vocabulary * row, state);
  return graph.placeAll();
}

/**
 * The embeddings that each layer of google/gemma-4-E2B-it gets: those of all layers are looked up first, and joined with
 * the words when the first layer needs its own. They live until the last layer.
 */
function prepareLayerInputs(context: GraphContext, words: GraphTensor): (state: GraphTensor) => GraphTensor {
  const { graph, widths, row, layerCount } = context;
  if (widths.layerInput === 0) return (state) => state;
  const [own, all] = [widths.layerInput * row, widths.layerInput * layerCount * row];
  const selected = graph.add(all, graph.add(all, graph.input(row)));
  let joined: GraphTensor | null = null;
  const join = () => {
    const projected = graph.add(all, graph.view(graph.add(all, words)));
    return graph.view(graph.add(all, graph.view(graph.replace(all, projected, selected))));
  };
  return (state) => {
    const gate = graph.add(own, state);
    joined ??= join();
    const product = graph.replace(own, gate, joined);
    return graph.replace(widths.hidden * row, state, graph.add(widths.hidden * row, product));
  };
}

/** The state after a layer, and the last inputs of the next scan's convolution where they are read ahead. */
interface Step {
  readonly state: GraphTensor;
  readonly last: GraphTensor | null;
}

function addLayer(
  context: GraphContext,
  layer: GraphLayer,
  { state, isLast, ...before }: Step & { readonly isLast: boolean; readonly scansLater: boolean },
): Step {
  const { graph, widths, row, inputs } = context;
  const { attention, hasScan, feedForward } = layer;
  const { isParallel, isNetworkLast, hasClosingNorms, hasOpeningNorms, gathers } = widths.traits;
  const hidden = widths.hidden * row;
  const gather = (tensor: GraphTensor) =>
    isLast && gathers !== "atEnd" ? graph.add(hidden, tensor, inputs.outputs) : tensor;
  const open = (tensor: GraphTensor) => (hasOpeningNorms ? addNorm(context, tensor) : tensor);
  const close = (tensor: GraphTensor) => (hasClosingNorms ? addNorm(context, tensor) : tensor);
  const scan = hasScan ? widths.scan : null;
  if (!attention && !scan) {
    const left = gather(state);
    let { last } = before;
    const onRouted = () => {
      if (before.scansLater && widths.scan) last = addLastInputs(context, widths.scan);
    };
    const network = addFeedForward(context, addNorm(context, left), { ...layer, onRouted });
    return { state: graph.replace(hidden, network, left), last };
  }
  const isStateFirst = gathers === "stateFirst";
  const read = attention ? open(state) : state;
  const endAttention = attention && addAttention(context, read, attention);
  let { last } = before;
  let left: GraphTensor | null = null;
  const gatherState = () => (left ??= gather(state));
  const outputs: GraphTensor[] = [];
  const addAttended = () => {
    last = before.scansLater && widths.scan ? addLastInputs(context, widths.scan) : null;
    if (endAttention) outputs.push(graph.add(hidden, endAttention()));
  };
  const onScanned = () => {
    if (isStateFirst) gatherState();
    addAttended();
  };
  const scanned = scan && addScan(context, state, { scan, last, onScanned });
  const addOutput = () => {
    if (scanned) outputs.push(graph.add(hidden, scanned));
    else addAttended();
    const [first = state, second] = outputs;
    return gather(second ? graph.replace(hidden, first, second) : first);
  };
  const addNetworkOf = (tensor: GraphTensor) => addFeedForward(context, tensor, layer);
  const done = (tensor: GraphTensor) => ({ state: tensor, last });
  if (isParallel) {
    const network = addNetworkOf(gather(read));
    const [first, second] = isStateFirst ? [gatherState, addOutput] : [addOutput, gatherState];
    return done(graph.replace(hidden, graph.replace(hidden, network, first()), second()));
  }
  if (isStateFirst) gatherState();
  const output = close(addOutput());
  const sum = graph.replace(hidden, ...(isStateFirst ? [gatherState(), output] : [output, gatherState()]));
  if (feedForward === null) return done(sum);
  const network = close(addNetworkOf(open(sum)));
  return done(graph.replace(hidden, ...(isNetworkLast ? [sum, network] : [network, sum])));
}

function addFeedForward(
  context: GraphContext,
  read: GraphTensor,
  { feedForward, isDense, onRouted }: GraphLayer & { readonly onRouted?: () => void },
): GraphTensor {
  const { graph, widths, row } = context;
  const { experts } = widths;
  const hidden = widths.hidden * row;
  if (experts === null || isDense) return addNetwork(context, read, (feedForward ?? 0) * row);
  const { count, used, width, shared } = experts;
  const scores = graph.replace(count * row, graph.add(count * row, read));
  const chosen = graph.add(count * row, scores);
  const shares = graph.add(used * row, scores, chosen);
  const addInner = () => graph.add(used * width * row, read, chosen);
  const inner =
    widths.traits.network === "plain"
      ? graph.replace(used * width * row, addInner())
      : graph.add(used * width * row, addInner(), addInner());
  const each = graph.replace(used * hidden, graph.add(used * hidden, inner, chosen), shares);
  const sum = graph.replace(hidden, graph.add(hidden, each), each);
  onRouted?.();
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
