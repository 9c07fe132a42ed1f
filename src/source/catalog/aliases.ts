/**
 * Every model of the catalog, by organization, the newest first, with the names that people type and no rule gives. Of models
 * whose short names are alike, the first has it.
 */
const NAMES = {
  "01-ai": "Yi-34B",
  albert: "albert-base-v2=albert,albert-base",
  allenai: "OLMo-2-0425-1B=olmo-2-1b OLMo-2-1124-13B=olmo-2-13b OLMoE-1B-7B-0924=olmoe",
  answerdotai: "ModernBERT-base=modernbert",
  BAAI: `bge-small-en-v1.5=bge-small,bge-small-en bge-base-en-v1.5=bge-base,bge-base-en
    bge-large-en-v1.5=bge-large,bge-large-en bge-large-zh-v1.5`,
  bigcode: "starcoder2-3b",
  bigscience: "bloom=bloom-176b bloom-560m",
  codellama: "CodeLlama-34b-Instruct-hf",
  "cross-encoder": "ms-marco-MiniLM-L2-v2",
  "deepseek-ai": "DeepSeek-V2-Lite",
  distilbert: `distilbert-base-uncased=distilbert
    distilbert-base-uncased-finetuned-sst-2-english=distilbert-sst2,distilbert-sst-2`,
  EleutherAI: "pythia-14m pythia-410m pythia-1b pythia-6.9b pythia-12b",
  facebook: "bart-base=bart opt-125m",
  google: `gemma-4-26B-A4B gemma-4-31B-it gemma-3-270m gemma-3-270m-it gemma-3-1b-it gemma-3-4b-it
    gemma-3-27b-it gemma-2-2b gemma-2-2b-it gemma-2-9b gemma-2b gemma-2b-it gemma-7b
    embeddinggemma-300m=embeddinggemma flan-t5-large siglip-base-patch16-224=siglip siglip-so400m-patch14-384
    vit-base-patch16-224-in21k`,
  "google-bert": "bert-base-uncased=bert,bert-base",
  "google-t5": "t5-base=t5",
  HuggingFaceTB: `SmolLM3-3B=smollm3 SmolLM2-135M SmolLM2-135M-Instruct SmolLM2-360M SmolLM2-360M-Instruct
    SmolLM2-1.7B-Instruct SmolLM-135M-Instruct SmolLM-1.7B SmolVLM-256M-Instruct`,
  "ibm-granite": "granite-3.1-1b-a400m-instruct",
  intfloat: "e5-small-v2 e5-base-v2 multilingual-e5-small multilingual-e5-large-instruct",
  "LGAI-EXAONE": "EXAONE-4.0-32B",
  LiquidAI: "LFM2-1.2B LFM2.5-VL-1.6B",
  "llava-hf": "llava-1.5-7b-hf=llava,llava-1.5",
  "meta-llama": `Llama-4-Scout-17B-16E-Instruct=llama-4-scout Llama-3.2-1B Llama-3.2-1B-Instruct
    Llama-3.2-3B-Instruct Llama-3.2-11B-Vision-Instruct=llama-3.2-11b Llama-3.1-8B Llama-3.1-8B-Instruct
    Llama-3.1-70B Llama-3.1-70B-Instruct Meta-Llama-3.1-405B Meta-Llama-3-8B Meta-Llama-3-70B Llama-2-7b-hf
    Llama-2-7b-chat-hf Llama-2-13b-chat-hf`,
  microsoft: `phi-4 Phi-3.5-mini-instruct=phi-3.5-mini Phi-3-mini-128k-instruct=phi-3-mini,phi-3-mini-128k phi-2
    Phi-mini-MoE-instruct`,
  mistralai: `Mistral-7B-v0.1 Mistral-7B-Instruct-v0.2 Mistral-7B-Instruct-v0.3
    Mistral-Nemo-Instruct-2407=mistral-nemo,mistral-nemo-12b Devstral-Small-2507=devstral,devstral-small
    Mixtral-8x7B-v0.1=mixtral Mixtral-8x22B-v0.1`,
  openai: `clip-vit-large-patch14=clip,clip-vit-large gpt-oss-20b=gpt-oss gpt-oss-120b whisper-tiny whisper-base
    whisper-small whisper-medium whisper-large-v3 whisper-large-v3-turbo=whisper-turbo`,
  "openai-community": "gpt2=gpt-2 gpt2-medium gpt2-xl=gpt-2-xl",
  Qwen: `Qwen3-0.6B Qwen3-1.7B Qwen3-4B Qwen3-8B Qwen3-14B Qwen3-30B-A3B Qwen3-30B-A3B-Instruct-2507
    Qwen3-235B-A22B Qwen3-Coder-480B-A35B-Instruct Qwen3-Embedding-0.6B Qwen3-Embedding-8B Qwen3-VL-2B-Instruct
    Qwen3-VL-4B-Instruct Qwen3-VL-8B-Instruct Qwen2.5-0.5B Qwen2.5-0.5B-Instruct Qwen2.5-1.5B
    Qwen2.5-1.5B-Instruct Qwen2.5-3B Qwen2.5-7B Qwen2.5-7B-Instruct Qwen2.5-14B Qwen2.5-14B-Instruct Qwen2.5-32B
    Qwen2.5-72B Qwen2.5-VL-3B-Instruct Qwen2.5-VL-7B-Instruct Qwen1.5-0.5B-Chat`,
  "sentence-transformers": "all-MiniLM-L6-v2=minilm all-MiniLM-L12-v2 LaBSE",
  "state-spaces": "mamba-130m-hf",
  thenlper: "gte-small",
  tiiuae: "falcon-180B-chat",
  TinyLlama: "TinyLlama-1.1B-Chat-v1.0=tinyllama",
  "zai-org": "GLM-5 GLM-4.5",
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
  let ids = Object.entries(NAMES).flatMap(([owner, text]) =>
    text.split(/\s+/).map((entry) => {
      const [last = "", others] = entry.split("=");
      return { id: `${owner}/${last}`, name: last.toLowerCase(), others: others?.split(",") ?? [] };
    }),
  );
  const idByName = new Map(ids.map(({ id }) => [id.toLowerCase(), id]));
  const aliasesById = new Map<string, string[]>(ids.map(({ id }) => [id, []]));
  const claim = (name: string, id: string) => {
    if (idByName.has(name)) return;
    idByName.set(name, id);
    aliasesById.get(id)?.push(name);
  };
  for (const { id, name } of ids) claim(name, id);
  for (const { id, others } of ids) for (const name of others) claim(name, id);
  for (let endings = 0; endings < MAX_ENDINGS; endings++) {
    ids = ids.map((one) => ({ ...one, name: one.name.replace(ENDING, "") }));
    for (const { id, name } of ids) claim(name, id);
  }
  for (const [name, id] of idByName) claim(name.replace(VERSION, "$1$2"), id);
  return { idByName, aliasesById };
}

const MAX_ENDINGS = 3;

/** `Meta-` before Llama, and what follows the size: `-chat-hf`, `-A3B-Instruct`, `-it`, `-v0.1`. */
const ENDING = /^meta-|(?<=\d[bm].*)-(?:instruct|it|chat|hf|v\d+\.\d+|a\d+b)$/g;

/** `llama-3.1` and `phi-4`, but not `gemma-2b`. */
const VERSION = /^([a-z]+)-(\d+(?:\.\d+)?(?=-|$))/;
