/**
 * What the code of llama.cpp adds to the metadata of a GGUF file: which layers have a sliding window, a state or an
 * indexer. From ggml-org/llama.cpp v0.5.0: `load_arch_hparams` of src/models/<architecture>.cpp, and
 * `llama_model::create_memory` of src/llama-model.cpp.
 */
import { lookUp } from "../../contract/json.ts";

export interface LlamaCppArchitecture {
  /** Reads a whole text in one pass, without a cache. */
  readonly isEncoder?: true;
  readonly window?: GgufWindow;
  /** Layers that keep a state: all, those without key-value heads, all but every n-th, or all next to attention. */
  readonly states?:
    "all" | "headless" | "headlessAndFeedless" | "withAttention" | { readonly exceptEvery: number };
  /** Keeps latents where the file gives the sizes of expanded heads. */
  readonly mla?: true;
  /** Layers with keys of an indexer that picks tokens: all, those listed, or those after the dense ones. */
  readonly indexer?: "all" | "listed" | "glm" | "afterDense";
  /** Only the first layers have caches, whatever the file states. */
  readonly layersWithKv?: number;
  /** Layers in addition to those the file counts, with one key-value head. */
  readonly routerLayers?: 1;
  readonly unknownKvCache?: string;
}

interface GgufWindow {
  /** Full attention in the last of every n layers (or the first), unless the file lists the layers with a window. */
  readonly every: number | "listed" | "attention";
  readonly isFirstFull?: true;
  /** Where the file does not state the window; null for no window. */
  readonly tokens?: number | null;
  /** Used in place of any window that the file states. */
  readonly fixedTokens?: number;
  /** For models of this many layers only. */
  readonly layers?: number;
}

function windowEvery(every: number, other: Omit<GgufWindow, "every"> = {}): LlamaCppArchitecture {
  return { window: { every, ...other } };
}

const LISTED: LlamaCppArchitecture = { window: { every: "listed" } };
const OPTIONAL = { tokens: null } as const;
const ENCODER: LlamaCppArchitecture = { isEncoder: true };
const STATES: LlamaCppArchitecture = { states: "all" };
const HEADLESS: LlamaCppArchitecture = { states: "headless" };
const MLA: LlamaCppArchitecture = { mla: true };

/** Names are separated by spaces. */
function rows(names: string, row: LlamaCppArchitecture): Record<string, LlamaCppArchitecture> {
  return Object.fromEntries(names.split(" ").map((name) => [name, row]));
}

const ARCHITECTURES: Readonly<Record<string, LlamaCppArchitecture>> = {
  ...rows("llama deci falcon grok gpt2 gptj gptneox mpt baichuan starcoder refact bloom stablelm qwen", {}),
  ...rows("qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe phi2 phi3 phimoe plamo codeshell", {}),
  ...rows("orion internlm2 minicpm minicpm3 gemma starcoder2 xverse command-r dbrx olmo olmoe openelm", {}),
  ...rows("arctic deepseek deepseek2-ocr chatglm glm4 glm4moe bitnet t5 t5encoder jais jais2 nemotron", {}),
  ...rows("exaone granite granitemoe chameleon plm bailingmoe bailingmoe2 dots1 arcee ernie4_5", {}),
  ...rows("ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 smollm3 seed_oss grovemoe apertus", {}),
  ...rows("minimax-m2 cogvlm pangu-embedded mistral3 paddleocr llama-embed maincoder talkie nanbeige", {}),
  ...rows("hrm_text eagle3 qwen3tts pockettts", {}),
  ...rows("bert nomic-bert nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert", ENCODER),
  ...rows("modern-bert gemma-embedding wavtokenizer-dec dream llada llada-moe rnd1", ENCODER),

  ...rows("afmoe mellum olmo2", windowEvery(4, OPTIONAL)),
  ...rows("cohere2 muse-glimmer exaone-moe", windowEvery(4)),
  ...rows("gemma4 granite_swa maple mimo2 spark2_5 step35", LISTED),
  cohere2moe: windowEvery(4, { isFirstFull: true }),
  exaone4: windowEvery(4, { tokens: 4096, layers: 64 }),
  gemma2: windowEvery(2, { tokens: 4096 }),
  gemma3: windowEvery(6, OPTIONAL),
  gemma3n: { ...windowEvery(5), layersWithKv: 20 },
  "gpt-oss": windowEvery(2),
  laguna: windowEvery(4, { isFirstFull: true, ...OPTIONAL }),
  llama4: windowEvery(4, { fixedTokens: 8192 }),
  plamo3: windowEvery(8, OPTIONAL),
  smallthinker: windowEvery(4, { isFirstFull: true, fixedTokens: 4096, ...OPTIONAL }),

  ...rows("deepseek2 mistral4", MLA),
  deepseek32: { ...MLA, indexer: "all" },
  "glm-dsa": { ...MLA, indexer: "glm" },
  hy_v4: { ...MLA, indexer: "listed" },
  "minimax-m3": { indexer: "afterDense" },

  ...rows("mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7", STATES),
  ...rows("jamba plamo2 granitehybrid lfm2moe", HEADLESS),
  ...rows("kimi-linear kimi-k3 bailingmoe3", { ...HEADLESS, ...MLA }),
  ...rows("nemotron_h nemotron_h_moe", { states: "headlessAndFeedless" }),
  ...rows("qwen3next qwen35 qwen35moe", { states: { exceptEvery: 4 } }),
  lfm2: { ...HEADLESS, window: { every: "attention", ...OPTIONAL } },
  "falcon-h1": { states: "withAttention" },
  "minimax-01": { states: { exceptEvery: 8 } },

  graniteswitch: { routerLayers: 1 },
  clip: { unknownKvCache: "a projector of images or sound is loaded next to a language model" },
  deepseek4: { unknownKvCache: "DeepSeek V4 keeps compressed keys and values whose size is not known" },
  dots3note: { unknownKvCache: "dots3note keeps latents of two sizes" },
  qwen4exp: { unknownKvCache: "it keeps inputs of convolutions in addition to states" },
  dflash: { unknownKvCache: "it drafts for another model, whose sizes it takes" },
  "gemma4-assistant": { unknownKvCache: "it drafts for another model, whose cache it reads" },
};

/** Names that Ollama's own engine writes for the same models: ollama/ollama fs/ggml/ggml.go. */
const OLLAMA_NAMES: Readonly<Record<string, string>> = { gptoss: "gpt-oss", qwen25vl: "qwen2vl" };

/** Find an architecture by `general.architecture`; null where it is not known. */
export function findLlamaCppArchitecture(name: string): LlamaCppArchitecture | null {
  return lookUp(ARCHITECTURES, lookUp(OLLAMA_NAMES, name) ?? name) ?? null;
}
