/** How a layer scans states: src/models/mamba-base.cpp and src/models/delta-net-base.cpp of ggml-org/llama.cpp. */
import { addNorm, FLOAT_BYTES, type GraphContext, type ScanWidths } from "./graph-context.ts";
import type { GraphTensor } from "./graph-memory.ts";

export interface ScanRequest {
  readonly scan: ScanWidths;
  /** The last inputs of the convolution, where they were read ahead. */
  readonly last: GraphTensor | null;
  /** Called once the state is scanned: what llama.cpp computes between that and the gate. */
  onScanned(): void;
}

/** Add a scan of the state, up to its output projection. */
export function addScan(context: GraphContext, state: GraphTensor, request: ScanRequest): GraphTensor {
  switch (context.widths.traits.scan) {
    case "convolution":
      return addConvolution(context, addNorm(context, state), request.scan);
    case "mamba":
    case "mamba2":
      return addMamba(context, state, request);
    case "deltaNet":
      return addDeltaNet(context, addNorm(context, state), request.scan);
  }
}

/** Read the last inputs of a convolution. */
export function addLastInputs({ graph, sequences }: GraphContext, scan: ScanWidths): GraphTensor {
  return graph.add((scan.kernel - 1) * scan.convolved * FLOAT_BYTES * sequences);
}

/** A convolution over the last tokens with a gate: LiquidAI/LFM2-1.2B. */
function addConvolution({ graph, row }: GraphContext, read: GraphTensor, { inner }: ScanWidths): GraphTensor {
  const width = inner * row;
  const mixed = graph.add(2 * width, read);
  const joined = graph.add(width, mixed);
  const convolved = graph.add(width, joined);
  const steps = graph.add(width, convolved);
  const scanned = graph.add(width, convolved, steps);
  const gate = graph.add(width, mixed);
  const sum = graph.add(width, scanned, graph.replace(width, convolved));
  return graph.add(width, gate, sum);
}

function addMamba(
  context: GraphContext,
  state: GraphTensor,
  { scan, last = null, onScanned }: ScanRequest,
): GraphTensor {
  const { graph, row, sequences, widths } = context;
  const { traits } = widths;
  const isSecond = traits.scan === "mamba2";
  const [width, convolved, heads] = [scan.inner * row, scan.convolved * row, scan.heads * row];
  const before = last ?? addLastInputs(context, scan);
  const mixedBytes = width + convolved + (isSecond ? heads : 0);
  const mixed = graph.view(graph.add(mixedBytes, addNorm(context, state)));
  const joined = graph.add(before.bytes + convolved, before, mixed);
  const inputs = graph.replace(convolved, graph.add(convolved, joined));
  const seen = graph.view(inputs);
  const stateBytes = scan.state * FLOAT_BYTES * sequences;
  const addScanned = () => {
    if (isSecond) return graph.add(width + stateBytes, seen, graph.replace(heads, graph.add(heads, mixed)));
    // Steps, and the two matrices of the state.
    const parts = graph.view(graph.add(heads + (2 * scan.state * row) / scan.inner, inputs));
    const steps = graph.replace(width, graph.add(width, graph.add(heads, parts)));
    return graph.add(width + stateBytes, seen, steps, parts);
  };
  const scanned = graph.view(addScanned());
  onScanned();
  const gate = graph.add(width, mixed);
  const skipped = isSecond ? graph.add(width, seen) : graph.replace(width, inputs);
  const gated = graph.add(width, gate, graph.replace(width, scanned, skipped));
  return traits.hasScanNorms ? graph.add(width, gated) : gated;
}

/** The gated delta rule: Qwen/Qwen3.5-27B. */
function addDeltaNet(context: GraphContext, read: GraphTensor, scan: ScanWidths): GraphTensor {
  const { graph, row, sequences, widths } = context;
  const { inner, convolved, heads, state } = scan;
  const width = inner * row;
  const keys = ((convolved - inner) / 2) * row;
  const stateBytes = state * FLOAT_BYTES * sequences;
  const last = addLastInputs(context, scan);
  const joined = graph.add(last.bytes + convolved * row, last, graph.add(convolved * row, read));
  const before = graph.add(stateBytes);
  const inputs = graph.view(graph.replace(convolved * row, graph.add(convolved * row, joined)));
  const { hasRepeatedKeys } = widths.traits;
  const spread = (tensor: GraphTensor) => (hasRepeatedKeys ? graph.add(width, tensor) : tensor);
  const queries = spread(graph.add(keys, inputs));
  const own = spread(graph.add(keys, inputs));
  const both = hasRepeatedKeys ? graph.add(2 * heads * row, read) : null;
  const decay = graph.add(heads * row, both ?? graph.add(heads * row, read));
  const rate = graph.add(heads * row, both ?? graph.add(heads * row, read));
  const scanned = graph.add(width + stateBytes, queries, own, inputs, decay, rate, before);
  const output = graph.add(width, graph.view(scanned));
  const gate = graph.add(width, graph.add(width, read));
  return graph.view(graph.replace(width, output, gate));
}
