/** How llama.cpp's graphs differ from that of Llama, by architecture of GGUF: ggml-org/llama.cpp src/models. */
import { lookUp } from "../../contract/json.ts";

export interface GraphTraits {
  /** Queries, keys and values are one product. */
  readonly isQkvFused: boolean;
  readonly hasHeadNorms: boolean;
  /** Queries come with a gate of their size for the output: Qwen/Qwen3-Next-80B-A3B-Instruct. */
  readonly hasGatedQueries: boolean;
  /** Attention and network read the same state. */
  readonly isParallel: boolean;
  readonly hasLayerNorms: boolean;
  /** The network is added to the state, and not the other way round, so that the sum takes the place of the state. */
  readonly isNetworkLast: boolean;
  /** A norm ends attention and network. */
  readonly hasClosingNorms: boolean;
  readonly network: "gated" | "fused" | "plain";
  /** Where the rows whose logits are wanted are picked: in the last layer, its output or its input first, or after it. */
  readonly gathers: "outputFirst" | "stateFirst" | "atEnd";
}

const LLAMA: GraphTraits = {
  isQkvFused: false,
  hasHeadNorms: false,
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

const TRAITS: Readonly<Record<string, GraphTraits>> = {
  ...rows("gpt2 bloom mpt starcoder codeshell", { ...FUSED, ...PLAIN }),
  ...rows("gptneox falcon phi2", { ...FUSED, ...PLAIN, ...PARALLEL }),
  ...rows("gptj", { ...PLAIN, ...PARALLEL }),
  ...rows("starcoder2 opt phi", PLAIN),
  ...rows("bert nomic-bert distilbert roberta xlm-roberta camembert mpnet electra albert", PLAIN),
  ...rows("qwen dbrx", FUSED),
  ...rows("phi3 chatglm", { ...FUSED, network: "fused", isNetworkLast: true }),
  ...rows("command-r cohere2", { ...PARALLEL, hasLayerNorms: true, gathers: "stateFirst" }),
  plamo: { ...LLAMA, ...PARALLEL },
  ...rows("qwen3 qwen3moe qwen3vl qwen3vlmoe minimax-m2 hunyuan-moe hunyuan-dense bailingmoe2", HEAD_NORMS),
  gemma2: { ...LLAMA, hasClosingNorms: true },
  ...rows("gemma3 gemma3n olmo2 exaone4", { ...HEAD_NORMS, hasClosingNorms: true }),
  gemma4: { ...LLAMA, ...HEAD_NORMS, hasClosingNorms: true, gathers: "atEnd" },
  glm4: { ...LLAMA, hasClosingNorms: true, network: "fused" },
  "gpt-oss": { ...LLAMA, gathers: "atEnd" },
  ...rows("qwen3next qwen35 qwen35moe", { ...HEAD_NORMS, hasGatedQueries: true, gathers: "atEnd" }),
  ...rows("jamba lfm2 lfm2moe", { isNetworkLast: true, gathers: "stateFirst" }),
  openelm: { ...LLAMA, ...FUSED, ...HEAD_NORMS, gathers: "stateFirst" },
};

/** Find the traits of an architecture; those of Llama where it is not known. */
export function findGraphTraits(architecture: string): GraphTraits {
  return lookUp(TRAITS, architecture) ?? LLAMA;
}
