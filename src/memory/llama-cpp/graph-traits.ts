/** How llama.cpp's graphs differ from that of Llama, by architecture of GGUF: ggml-org/llama.cpp src/models. */
import { lookUp } from "../../contract/json.ts";

export interface GraphTraits {
  /** Queries, keys and values are one product. */
  readonly isQkvFused: boolean;
  readonly hasHeadNorms: boolean;
  /** Norms of all heads together: allenai/OLMo-2-1124-7B. */
  readonly hasRowNorms: boolean;
  readonly hasValueNorms: boolean;
  /** Queries and keys are rotated by their positions. */
  readonly hasRotation: boolean;
  /** Queries come with a gate of their size for the output: Qwen/Qwen3-Next-80B-A3B-Instruct. */
  readonly hasGatedQueries: boolean;
  /** Attention and network read the same state. */
  readonly isParallel: boolean;
  readonly hasLayerNorms: boolean;
  /** A norm begins attention and network. */
  readonly hasOpeningNorms: boolean;
  /** The network is added to the state, and not the other way round, so that the sum takes the place of the state. */
  readonly isNetworkLast: boolean;
  /** A norm ends attention and network. */
  readonly hasClosingNorms: boolean;
  readonly network: "gated" | "fused" | "plain";
  /** Where the rows whose logits are wanted are picked: in the last layer, its output or its input first, or after it. */
  readonly gathers: "outputFirst" | "stateFirst" | "atEnd";
  readonly scan: "convolution" | "mamba" | "mamba2" | "deltaNet";
  readonly hasScanNorms: boolean;
  /** Keys and queries of a scan are repeated for each head of values. */
  readonly hasRepeatedKeys: boolean;
  /** The inputs of the next scan are read before a layer ends. */
  readonly readsAhead: boolean;
  /** Every layer has both: tiiuae/Falcon-H1-1.5B-Instruct. */
  readonly scansNextToAttention: boolean;
  /** A layer is one of attention, scan and network: nvidia/Nemotron-H-8B-Base-8K. */
  readonly hasLayersOfOnePart: boolean;
}

const LLAMA: GraphTraits = {
  isQkvFused: false,
  hasHeadNorms: false,
  hasRowNorms: false,
  hasValueNorms: false,
  hasRotation: true,
  hasOpeningNorms: true,
  scan: "convolution",
  hasScanNorms: false,
  hasRepeatedKeys: false,
  readsAhead: false,
  scansNextToAttention: false,
  hasLayersOfOnePart: false,
  hasGatedQueries: false,
  isParallel: false,
  hasLayerNorms: false,
  isNetworkLast: false,
  hasClosingNorms: false,
  network: "gated",
  gathers: "outputFirst",
};

/** Names are separated by spaces. */
function rows(names: string, traits: Partial<GraphTraits>): Record<string, GraphTraits> {
  return Object.fromEntries(names.split(" ").map((name) => [name, { ...LLAMA, ...traits }]));
}

const FUSED = { isQkvFused: true } as const;
const PARALLEL = { isParallel: true } as const;
const HEAD_NORMS = { hasHeadNorms: true } as const;
const PLAIN = { network: "plain", hasLayerNorms: true } as const;

const MAMBA2 = { scan: "mamba2", hasScanNorms: true } as const;
const DELTA_NET = { ...HEAD_NORMS, hasGatedQueries: true, gathers: "atEnd", scan: "deltaNet" } as const;

const TRAITS: Readonly<Record<string, GraphTraits>> = {
  ...rows("gpt2 bloom mpt starcoder codeshell", { ...FUSED, ...PLAIN }),
  ...rows("gptneox falcon phi2", { ...FUSED, ...PLAIN, ...PARALLEL }),
  ...rows("gptj", { ...PLAIN, ...PARALLEL }),
  ...rows("starcoder2 opt phi nemotron", PLAIN),
  ...rows("bert nomic-bert distilbert roberta xlm-roberta camembert mpnet electra albert", PLAIN),
  ...rows("qwen dbrx", FUSED),
  ...rows("phi3 chatglm", { ...FUSED, network: "fused", isNetworkLast: true }),
  ...rows("command-r cohere2", { ...PARALLEL, hasLayerNorms: true, gathers: "stateFirst" }),
  plamo: { ...LLAMA, ...PARALLEL },
  ...rows("qwen3 qwen3moe qwen3vl qwen3vlmoe minimax-m2 hunyuan-moe hunyuan-dense bailingmoe2", HEAD_NORMS),
  gemma2: { ...LLAMA, hasClosingNorms: true },
  ...rows("gemma3 gemma3n", { ...HEAD_NORMS, hasClosingNorms: true }),
  exaone4: { ...LLAMA, ...HEAD_NORMS, hasClosingNorms: true, hasOpeningNorms: false },
  olmo2: { ...LLAMA, hasRowNorms: true, hasClosingNorms: true, hasOpeningNorms: false },
  gemma4: { ...LLAMA, ...HEAD_NORMS, hasValueNorms: true, hasClosingNorms: true, gathers: "atEnd" },
  glm4: { ...LLAMA, hasClosingNorms: true, network: "fused" },
  ...rows("gpt-oss step35 hy_v3", { gathers: "atEnd" }),
  ...rows("qwen35 qwen35moe", DELTA_NET),
  qwen3next: { ...LLAMA, ...DELTA_NET, hasRepeatedKeys: true },
  mamba: { ...LLAMA, scan: "mamba", readsAhead: true, hasLayersOfOnePart: true },
  mamba2: { ...LLAMA, ...MAMBA2, readsAhead: true, hasLayersOfOnePart: true },
  granitehybrid: { ...LLAMA, ...MAMBA2 },
  ...rows("nemotron_h nemotron_h_moe", {
    ...MAMBA2,
    readsAhead: true,
    hasLayersOfOnePart: true,
    hasRotation: false,
    network: "plain",
    gathers: "atEnd",
  }),
  "falcon-h1": { ...LLAMA, scan: "mamba2", scansNextToAttention: true },
  ...rows("lfm2 lfm2moe", { isNetworkLast: true, gathers: "stateFirst" }),
  jamba: {
    ...LLAMA,
    scan: "mamba",
    readsAhead: true,
    hasRotation: false,
    isNetworkLast: true,
    gathers: "stateFirst",
  },
  openelm: { ...LLAMA, ...FUSED, ...HEAD_NORMS, gathers: "stateFirst" },
};

/** Find the traits of an architecture; those of Llama where it is not known. */
export function findGraphTraits(architecture: string): GraphTraits {
  return lookUp(TRAITS, architecture) ?? LLAMA;
}
