/** How vLLM shares a model between GPUs: tensor parallel, with a KV cache of what is left. */
import { sumKvCacheBytes, type KvCacheLayer, type KvCacheRequest } from "./kv-cache.ts";

const GIB = 2 ** 30;
/** CUDA, its libraries and on several GPUs the buffers of NCCL: vllm-project/vllm/pull/10511, on an H100. */
const NON_TORCH_BYTES = { one: 1.79 * GIB, several: 3.58 * GIB };
/** Sequences and tokens that vLLM profiles with by default: `max_num_seqs` and `max_num_batched_tokens` of `vllm serve`. */
const PROFILED = { sequences: 256, tokens: 2048 };
/** Bytes that the sampler keeps per logit: 1.26 GiB for the 128,256 words of meta-llama/Meta-Llama-3-8B on one GPU and on two, in the same place. */
const SAMPLER_BYTES = 41;
/** Gate and up of the feed-forward network, their product, and four times the hidden state, in 16 bits. */
const HALF_BYTES = 2;
const HIDDEN_STATES = 4;

/** Tokens of a block of the cache. */
const BLOCK_TOKENS = 16;

export interface TensorParallelRequest {
  /** Weights that are split between GPUs, and those that each GPU keeps whole: norms, routers, towers. */
  readonly splitBytes: number;
  readonly wholeBytes: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly layers: readonly KvCacheLayer[];
  readonly kvCache: Omit<KvCacheRequest, "tokens" | "batch" | "engine">;
  readonly draftBytes: number;
  /** Of each GPU. */
  readonly gpuBytes: readonly number[];
  /** The share of each GPU that vLLM takes. */
  readonly gpuMemoryUtilization: number;
}

/** The bytes on each GPU. */
interface TensorParallel {
  readonly gpus: number;
  readonly weightsBytes: number;
  readonly overheadBytes: number;
  /** What is left for the cache; negative where nothing is. */
  readonly cacheBytes: number;
  /** The cache of one sequence. */
  countSequenceBytes(tokens: number): number;
}

/** Share a model between as many of the GPUs as its heads can be divided by. The smallest GPU decides. */
export function planTensorParallel(request: TensorParallelRequest): TensorParallel {
  const { splitBytes, wholeBytes, heads, kvHeads, layers, gpuBytes, draftBytes } = request;
  const gpus = countParallel(heads, gpuBytes.length);
  const usable =
    Math.min(...gpuBytes.toSorted((a, b) => b - a).slice(0, gpus)) * request.gpuMemoryUtilization;
  const weightsBytes = Math.ceil(splitBytes / gpus + wholeBytes);
  const overheadBytes = estimateOverhead(request, gpus) + draftBytes;
  // Heads are repeated where there are more GPUs than heads of keys; a latent has none to divide.
  const share = Math.max(1 / gpus, 1 / kvHeads);
  return {
    gpus,
    weightsBytes,
    overheadBytes,
    cacheBytes: Math.floor(usable) - weightsBytes - overheadBytes,
    countSequenceBytes(tokens) {
      const padded = { ...request.kvCache, tokens: Math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS };
      return layers.reduce((sum, layer) => {
        const bytes = sumKvCacheBytes([layer], padded);
        return sum + Math.ceil(layer.kind === "mla" ? bytes : bytes * share);
      }, 0);
    },
  };
}

/** "Total number of attention heads must be divisible by tensor parallel size": vllm/config/model.py. */
function countParallel(heads: number, gpus: number): number {
  let count = Math.max(1, gpus);
  while (count > 1 && heads % count !== 0) count--;
  return count;
}

/** Estimate what is neither weights nor cache; vLLM measures it when it starts. */
function estimateOverhead({ hidden, feedForward, vocabulary }: TensorParallelRequest, gpus: number): number {
  const layer = PROFILED.tokens * HALF_BYTES * (HIDDEN_STATES * hidden + (3 * feedForward) / gpus);
  const sampler = PROFILED.sequences * vocabulary * SAMPLER_BYTES;
  const nonTorch = gpus === 1 ? NON_TORCH_BYTES.one : NON_TORCH_BYTES.several;
  return Math.ceil(nonTorch + Math.max(layer, sampler));
}
