/** Every model of the catalog, by organization, the newest first. Of models whose short names are alike, the first has it. */
const NAMES = {
  "01-ai": "Yi-34B",
  adept: "fuyu-8b",
  ai21labs: "Jamba-v0.1",
  albert: "albert-base-v2",
  allenai: "OLMo-2-0425-1B OLMo-2-1124-13B OLMoE-1B-7B-0924",
  BAAI: "bge-large-zh-v1.5",
  bigcode: "starcoder2-3b",
  bigscience: "bloom bloom-560m",
  codellama: "CodeLlama-34b-Instruct-hf",
  "cross-encoder": "ms-marco-MiniLM-L2-v2",
  "deepseek-ai": "DeepSeek-V2-Lite",
  distilbert: "distilbert-base-uncased distilbert-base-uncased-finetuned-sst-2-english",
  EleutherAI: "pythia-14m pythia-410m pythia-1b pythia-6.9b pythia-12b",
  facebook: "bart-base opt-125m",
  google: `gemma-4-26B-A4B gemma-4-31B-it gemma-3-1b-it gemma-3-4b-it gemma-3-27b-it gemma-2-2b gemma-2-2b-it gemma-2-9b
    gemma-2b gemma-2b-it gemma-7b embeddinggemma-300m flan-t5-large siglip-base-patch16-224 siglip-so400m-patch14-384
    vit-base-patch16-224-in21k`,
  "google-bert": "bert-base-uncased",
  "google-t5": "t5-base",
  HuggingFaceTB: `SmolLM3-3B SmolLM2-135M SmolLM2-1.7B-Instruct SmolLM-135M-Instruct SmolLM-1.7B SmolVLM-256M-Instruct`,
  "ibm-granite": "granite-3.1-1b-a400m-instruct",
  intfloat: "multilingual-e5-large-instruct",
  "LGAI-EXAONE": "EXAONE-4.0-32B",
  LiquidAI: "LFM2-1.2B LFM2.5-VL-1.6B",
  "llava-hf": "llava-1.5-7b-hf",
  "meta-llama": `Llama-4-Scout-17B-16E-Instruct Llama-3.2-1B-Instruct Llama-3.2-3B-Instruct Llama-3.2-11B-Vision-Instruct
    Llama-3.1-8B Llama-3.1-8B-Instruct Llama-3.1-70B Llama-3.1-70B-Instruct Meta-Llama-3.1-405B Meta-Llama-3-8B
    Meta-Llama-3-70B Llama-2-7b-hf Llama-2-7b-chat-hf Llama-2-13b-chat-hf`,
  microsoft: "phi-4 Phi-3.5-mini-instruct Phi-3-mini-128k-instruct phi-2 Phi-mini-MoE-instruct",
  mistralai: `Mistral-7B-v0.1 Mistral-7B-Instruct-v0.2 Mistral-7B-Instruct-v0.3 Mistral-Nemo-Instruct-2407
    Devstral-Small-2507 Mixtral-8x7B-v0.1 Mixtral-8x22B-v0.1`,
  openai: "clip-vit-large-patch14 gpt-oss-20b gpt-oss-120b whisper-tiny whisper-base whisper-medium",
  "openai-community": "gpt2 gpt2-medium gpt2-xl",
  Qwen: `Qwen3-0.6B Qwen3-1.7B Qwen3-4B Qwen3-8B Qwen3-14B Qwen3-30B-A3B Qwen3-30B-A3B-Instruct-2507 Qwen3-235B-A22B
    Qwen3-Coder-480B-A35B-Instruct Qwen3-Embedding-0.6B Qwen3-Embedding-8B Qwen3-VL-2B-Instruct Qwen3-VL-4B-Instruct
    Qwen3-VL-8B-Instruct Qwen2.5-0.5B Qwen2.5-0.5B-Instruct Qwen2.5-1.5B Qwen2.5-3B Qwen2.5-7B Qwen2.5-7B-Instruct
    Qwen2.5-14B Qwen2.5-14B-Instruct Qwen2.5-32B Qwen2.5-72B Qwen2.5-VL-3B-Instruct Qwen2.5-VL-7B-Instruct
    Qwen1.5-0.5B-Chat`,
  "sentence-transformers": "all-MiniLM-L6-v2 LaBSE",
  "state-spaces": "mamba-130m-hf",
  tiiuae: "falcon-180B-chat",
  TinyLlama: "TinyLlama-1.1B-Chat-v1.0",
  "zai-org": "GLM-5 GLM-4.5",
};

/** Names that people type and no rule gives. */
const OTHER_NAMES = {
  albert: "albert-base-v2",
  "albert-base": "albert-base-v2",
  bart: "bart-base",
  bert: "bert-base-uncased",
  "bert-base": "bert-base-uncased",
  "bloom-176b": "bloom",
  clip: "clip-vit-large-patch14",
  "clip-vit-large": "clip-vit-large-patch14",
  devstral: "devstral-small-2507",
  "devstral-small": "devstral-small-2507",
  distilbert: "distilbert-base-uncased",
  "distilbert-sst2": "distilbert-base-uncased-finetuned-sst-2-english",
  "distilbert-sst-2": "distilbert-base-uncased-finetuned-sst-2-english",
  embeddinggemma: "embeddinggemma-300m",
  "gpt-2": "gpt2",
  "gpt-2-medium": "gpt2-medium",
  "gpt-2-xl": "gpt2-xl",
  "gpt-oss": "gpt-oss-20b",
  jamba: "jamba-v0.1",
  "llama-3.2-11b": "llama-3.2-11b-vision-instruct",
  "llama-3.2-11b-vision": "llama-3.2-11b-vision-instruct",
  "llama-4-scout": "llama-4-scout-17b-16e-instruct",
  llava: "llava-1.5-7b-hf",
  "llava-1.5": "llava-1.5-7b-hf",
  minilm: "all-minilm-l6-v2",
  "mistral-nemo": "mistral-nemo-instruct-2407",
  "mistral-nemo-12b": "mistral-nemo-instruct-2407",
  mixtral: "mixtral-8x7b-v0.1",
  "olmo-2-1b": "olmo-2-0425-1b",
  "olmo-2-13b": "olmo-2-1124-13b",
  olmoe: "olmoe-1b-7b-0924",
  "phi-3-mini": "phi-3-mini-128k-instruct",
  "phi-3-mini-128k": "phi-3-mini-128k-instruct",
  "phi-3.5-mini": "phi-3.5-mini-instruct",
  siglip: "siglip-base-patch16-224",
  smollm3: "smollm3-3b",
  t5: "t5-base",
  tinyllama: "tinyllama-1.1b-chat-v1.0",
};

interface Names {
  readonly idByName: ReadonlyMap<string, string>;
  readonly aliasesById: ReadonlyMap<string, readonly string[]>;
}

let names: Names | null = null;

/** Return the id of the catalog's model with that id or alias, in any letter case. */
export function resolveAlias(name: string): string | null {
  names ??= collectNames();
  return names.idByName.get(name.toLowerCase()) ?? null;
}

/** Return the id of every model. */
export function listIds(): string[] {
  names ??= collectNames();
  return [...names.aliasesById.keys()];
}

/** Return the aliases of a model, in lower case: first the last part of its id. */
export function listAliases(id: string): readonly string[] {
  names ??= collectNames();
  return names.aliasesById.get(id) ?? [];
}

/**
 * Names in the order of their claims: ids, their last parts (`gpt2` and `t5-base` were ids once), other names, then last parts
 * with ever less of their end. So a short name means the base model, and where that is not here the Instruct or Chat one:
 * fine-tuning changes values, not shapes, so parameters and quantized sizes are the same. The stored dtype may differ, so a
 * report shows the id that was measured.
 */
function collectNames(): Names {
  const ids = Object.entries(NAMES).flatMap(([owner, text]) =>
    text.split(/\s+/).map((last) => ({ id: `${owner}/${last}`, last: last.toLowerCase() })),
  );
  const idByName = new Map<string, string>();
  const aliasesById = new Map<string, string[]>(ids.map(({ id }) => [id, []]));
  const claim = (name: string, id: string) => {
    if (idByName.has(name)) return;
    idByName.set(name, id);
    if (!name.includes("/")) aliasesById.get(id)?.push(name);
  };
  for (const { id } of ids) claim(id.toLowerCase(), id);
  for (const { id, last } of ids) claim(last, id);
  for (const [name, last] of Object.entries(OTHER_NAMES)) claim(name, idByName.get(last) ?? last);
  for (let endings = 1; endings <= MAX_ENDINGS; endings++)
    for (const { id, last } of ids) claim(shorten(last, endings), id);
  for (const [name, id] of idByName) claim(name.replace(VERSION, "$1$2"), id);
  return { idByName, aliasesById };
}

const MAX_ENDINGS = 3;

/** What follows the size in a name: `-chat-hf`, `-A3B-Instruct`, `-it`, `-v0.1`. */
const ENDING = /(?<=\d[bm].*)-(?:instruct|it|chat|hf|v\d+\.\d+|a\d+b)$/;

/** `llama-3.1` and `phi-4`, but not `gemma-2b`. */
const VERSION = /^([a-z]+)-(\d+(?:\.\d+)?(?=-|$))/;

/** Return a name without its last endings, and without `Meta-` before Llama. */
function shorten(last: string, endings: number): string {
  let name = last.replace(/^meta-/, "");
  for (let left = endings; left > 0; left--) name = name.replace(ENDING, "");
  return name;
}
