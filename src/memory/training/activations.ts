import type { TrainedBlock } from "./block.ts";

export interface ActivationRequest {
  /** Bytes of one element of weights and activations: 2 or 4. */
  readonly elementBytes: 2 | 4;
  /** True where adapters are trained and the weights are frozen. */
  readonly isLora: boolean;
  /** Tokens of one sequence. */
  readonly tokens: number;
}

const FLOAT_BYTES = 4;

/**
 * Count the bytes per token that the backward pass of one layer needs: every tensor that torch keeps for it, as
 * huggingface/transformers writes the layer, with scaled dot-product attention. Frozen linear layers keep nothing; an adapter
 * keeps its input in 32 bits, once per linear layer.
 */
export function countLayerBytes(block: TrainedBlock, request: ActivationRequest): number {
  const { hidden, queries, keys, feedForward, experts, closingNorms, leadingNorms } = block;
  const { elementBytes, isLora } = request;
  const shared = block.isParallel ? 1 : 2;
  const norms =
    (Math.min(shared, leadingNorms) + closingNorms) * countNormBytes(block, request) * hidden +
    (isLora ? 0 : leadingNorms * elementBytes * hidden);
  const latents = block.latents * (countNormBytes(block, request) + (isLora ? 0 : elementBytes));
  const headNorms = block.hasHeadNorms ? countNormBytes(block, request) * (queries + keys) : 0;
  const gate = block.activationCopies * feedForward + (isLora && !block.keepsOutput ? 0 : feedForward);
  const copies = experts * hidden * (isLora ? 1 : 2);
  const masks = block.hasDropout ? 2 * hidden : 0;
  return (
    norms +
    latents +
    headNorms +
    countAttentionBytes(block, request) +
    elementBytes * (gate + copies) +
    masks +
    (isLora ? countAdapterBytes(block, request) : 0)
  );
}

/** Per element: the input in 32 bits, and what the gradient of a trained weight needs. */
export function countNormBytes({ norm }: TrainedBlock, { elementBytes, isLora }: ActivationRequest): number {
  if (norm === "layer") return elementBytes;
  // The difference to the mean twice, and what its weight scales.
  if (norm === "cohere") return FLOAT_BYTES * (isLora ? 2 : 3);
  if (isLora) return FLOAT_BYTES;
  return FLOAT_BYTES + (norm === "gemma" ? FLOAT_BYTES : elementBytes);
}

function countAttentionBytes(block: TrainedBlock, request: ActivationRequest): number {
  const { queries, keys, values, attended, keepsQkv } = block;
  const { elementBytes } = request;
  const plain = queries + keys + values + attended;
  const fused = keepsQkv ? queries + keys : 0;
  const repeated = countScores(block, request) > 0 && !block.keepsScores ? 2 * (queries - keys) : 0;
  return elementBytes * (plain + fused + repeated) + FLOAT_BYTES * countScores(block, request);
}

/** The scores of one token, where no kernel of torch computes attention without them: shared heads in 32 bits are repeated. */
function countScores(
  { queries, keys, heads, keepsScores }: TrainedBlock,
  { elementBytes, tokens }: ActivationRequest,
): number {
  return keepsScores || (elementBytes === 4 && keys < queries) ? heads * tokens : 0;
}

/** Count the bytes per token that the backward pass of one layer has in addition, for a short time. */
export function countPassingBytes(block: TrainedBlock, request: ActivationRequest): number {
  const { feedForward, queries, keys } = block;
  const { elementBytes } = request;
  // The gradient of the scores before and after the softmax, and converted.
  const scores = countScores(block, request) * (2 * FLOAT_BYTES + (elementBytes === 2 ? elementBytes : 0));
  return Math.max(elementBytes * 3 * feedForward, elementBytes * (2 * queries + 2 * keys) + scores);
}

/** `_cast_input_dtype` of huggingface/peft, src/peft/tuners/tuners_utils.py: adapters are in 32 bits. */
function countAdapterBytes(block: TrainedBlock, { elementBytes }: ActivationRequest): number {
  const {
    hidden,
    attended,
    latents,
    feedForward,
    sharedFeedForward,
    experts,
    isQkvFused,
    isGateFused,
    isGated,
  } = block;
  const isShared = elementBytes === 4; // no cast, so that linear layers share their input
  const inputs = isQkvFused || isShared ? 1 : latents > 0 ? 2 : 3;
  const attention = hidden * inputs + latents + attended;
  const width = experts > 0 ? sharedFeedForward : feedForward;
  const network = width === 0 ? 0 : hidden * (isGated && !isGateFused && !isShared ? 2 : 1) + width;
  return FLOAT_BYTES * (attention + network);
}
