/** The tensors of a GGUF file, by the layer that llama.cpp loads them with. */

export interface StoredTensor {
  readonly name: string;
  readonly bytes: number;
}

/** The weights of one layer, in bytes. */
export interface LayerBytes {
  readonly bytes: number;
  /** Those of the experts, which `--n-cpu-moe` moves to the host. */
  readonly expertBytes: number;
  /** The largest of its tensors: a GPU that works with weights of the host has a copy of one at a time. */
  readonly largestBytes: number;
}

export interface WeightLayers {
  /** What only looks up rows, which llama.cpp always leaves on the host. */
  readonly inputBytes: number;
  /** The head and the last norm, which count as one more layer. */
  readonly outputBytes: number;
  readonly layers: readonly LayerBytes[];
}

/** `dev_input` of ggml-org/llama.cpp, src/llama-model.cpp. */
const INPUT = /^(?:token_embd|position_embd|token_types|token_embd_norm|per_layer_token_embd)\./;
/** `LLM_FFN_EXPS_REGEX` of ggml-org/llama.cpp, common/common.h. */
const EXPERTS = /\.ffn_(?:up|down|gate|gate_up)_(?:ch|)exps/;
const MAX_LAYERS = 1_024;

/**
 * Group tensors by layer; null where they are not those of a decoder. `totalBytes` are those of the file: where they are
 * others than the sum of the tensors, as for a file of which only the size is known, all are scaled.
 */
export function groupByLayer(tensors: readonly StoredTensor[], totalBytes: number): WeightLayers | null {
  const sums: { bytes: number; expertBytes: number; largestBytes: number }[] = [];
  let inputBytes = 0;
  let outputBytes = 0;
  let embeddingBytes = 0;
  let hasHead = false;
  let sum = 0;
  for (const { name, bytes } of tensors) {
    sum += bytes;
    const [, layer] = /^blk\.(\d+)\./.exec(name) ?? [];
    if (layer !== undefined) {
      const index = Number(layer);
      if (index >= MAX_LAYERS) return null;
      while (sums.length <= index) sums.push({ bytes: 0, expertBytes: 0, largestBytes: 0 });
      const own = sums[index];
      if (!own) return null;
      own.bytes += bytes;
      own.largestBytes = Math.max(own.largestBytes, bytes);
      if (EXPERTS.test(name)) own.expertBytes += bytes;
    } else if (INPUT.test(name)) inputBytes += bytes;
    else outputBytes += bytes;
    if (name === "token_embd.weight") embeddingBytes = bytes;
    hasHead ||= name === "output.weight";
  }
  if (sums.length === 0 || embeddingBytes === 0) return null;
  // A tied head is a second copy of the embedding, next to the last layer.
  const scale = isHeader(totalBytes - sum, totalBytes) ? 1 : totalBytes / sum;
  const scaled = (bytes: number) => Math.ceil(bytes * scale);
  return {
    inputBytes: scaled(inputBytes),
    outputBytes: scaled(outputBytes + (hasHead ? 0 : embeddingBytes)),
    layers: sums.map(({ bytes, expertBytes, largestBytes }) => ({
      bytes: scaled(bytes),
      expertBytes: scaled(expertBytes),
      largestBytes: scaled(largestBytes),
    })),
  };
}

/** The header of a file, most of it the tokenizer, is not loaded onto a device: 18.7 MB for 262,144 tokens. */
const MAX_HEADER_BYTES = 40e6;

function isHeader(bytes: number, totalBytes: number): boolean {
  return bytes >= 0 && (bytes < 0.01 * totalBytes || bytes < MAX_HEADER_BYTES);
}
