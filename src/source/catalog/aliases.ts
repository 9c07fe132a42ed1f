/**
 * Every model of the catalog, with its aliases apart from its id and the last part of its id. The old one-word
 * names of the Hub (`gpt2`, `t5-base`, `bert-base-uncased`) are such last parts.
 *
 * Where the catalog lacks the base model, its short name means the Instruct or Chat one (`llama-3.1-8b`): fine-tuning
 * changes values, not shapes, so parameters and quantized sizes are the same. The stored dtype may differ, so a report
 * shows the id that was measured.
 */
const ALIASES = {
  "albert/albert-base-v2": ["albert", "albert-base"],
  "bigscience/bloom": ["bloom-176b"],
  "bigscience/bloom-560m": [],
  "deepseek-ai/DeepSeek-V2-Lite": [],
  "distilbert/distilbert-base-uncased": ["distilbert"],
  "distilbert/distilbert-base-uncased-finetuned-sst-2-english": ["distilbert-sst2", "distilbert-sst-2"],
  "facebook/bart-base": ["bart"],
  "google-bert/bert-base-uncased": ["bert", "bert-base"],
  "google-t5/t5-base": ["t5"],
  "google/gemma-2-2b-it": ["gemma-2-2b", "gemma2-2b"],
  "google/gemma-2-9b": ["gemma2-9b"],
  "google/gemma-2b": [],
  "google/gemma-2b-it": [],
  "google/gemma-3-1b-it": ["gemma-3-1b", "gemma3-1b"],
  "google/gemma-3-27b-it": ["gemma-3-27b", "gemma3-27b"],
  "google/gemma-3-4b-it": ["gemma-3-4b", "gemma3-4b"],
  "google/gemma-4-31B-it": ["gemma-4-31b", "gemma4-31b"],
  "google/gemma-7b": [],
  "HuggingFaceTB/SmolLM-1.7B": [],
  "HuggingFaceTB/SmolLM3-3B": ["smollm3"],
  "llava-hf/llava-1.5-7b-hf": ["llava", "llava-1.5", "llava-1.5-7b"],
  "meta-llama/Llama-2-13b-chat-hf": ["llama-2-13b", "llama2-13b", "llama-2-13b-chat"],
  "meta-llama/Llama-2-7b-chat-hf": ["llama-2-7b-chat"],
  "meta-llama/Llama-2-7b-hf": ["llama-2-7b", "llama2-7b"],
  "meta-llama/Llama-3.1-70B-Instruct": ["llama-3.1-70b", "llama3.1-70b"],
  "meta-llama/Llama-3.1-8B-Instruct": ["llama-3.1-8b", "llama3.1-8b"],
  "meta-llama/Llama-3.2-1B-Instruct": ["llama-3.2-1b", "llama3.2-1b"],
  "meta-llama/Meta-Llama-3-8B": ["llama-3-8b", "llama3-8b"],
  "microsoft/phi-2": [],
  "microsoft/Phi-3-mini-128k-instruct": ["phi-3-mini", "phi3-mini", "phi-3-mini-128k"],
  "microsoft/phi-4": ["phi4"],
  "mistralai/Mistral-7B-Instruct-v0.2": ["mistral-7b-instruct"],
  "mistralai/Mistral-7B-v0.1": ["mistral-7b"],
  "mistralai/Mistral-Nemo-Instruct-2407": ["mistral-nemo", "mistral-nemo-12b"],
  "mistralai/Mixtral-8x7B-v0.1": ["mixtral", "mixtral-8x7b"],
  "openai-community/gpt2": ["gpt-2"],
  "openai-community/gpt2-xl": ["gpt-2-xl"],
  "openai/clip-vit-large-patch14": ["clip", "clip-vit-large"],
  "openai/gpt-oss-20b": ["gpt-oss"],
  "openai/whisper-base": [],
  "Qwen/Qwen2.5-0.5B-Instruct": ["qwen2.5-0.5b"],
  "Qwen/Qwen2.5-1.5B": [],
  "Qwen/Qwen2.5-14B": [],
  "Qwen/Qwen2.5-72B": [],
  "Qwen/Qwen2.5-7B-Instruct": ["qwen2.5-7b"],
  "Qwen/Qwen2.5-VL-7B-Instruct": ["qwen2.5-vl-7b"],
  "Qwen/Qwen3-0.6B": [],
  "Qwen/Qwen3-1.7B": [],
  "Qwen/Qwen3-30B-A3B": ["qwen3-30b"],
  "Qwen/Qwen3-8B": [],
  "Qwen/Qwen3-VL-2B-Instruct": ["qwen3-vl-2b"],
  "sentence-transformers/all-MiniLM-L6-v2": ["minilm"],
  "TinyLlama/TinyLlama-1.1B-Chat-v1.0": ["tinyllama", "tinyllama-1.1b", "tinyllama-1.1b-chat"],
} satisfies Record<string, readonly string[]>;

const idsByName = new Map(
  Object.entries(ALIASES).flatMap(([id, aliases]) =>
    [id.toLowerCase(), lastPart(id), ...aliases].map((name) => [name, id] as const),
  ),
);

/** Return the id of the catalog's model with that id or alias, in any letter case. */
export function resolveAlias(name: string): string | null {
  return idsByName.get(name.toLowerCase()) ?? null;
}

/** Return the id of every model. */
export function listIds(): string[] {
  return Object.keys(ALIASES);
}

/** Return the aliases of a model, in lower case. */
export function listAliases(id: string): readonly string[] {
  const aliases = new Map<string, readonly string[]>(Object.entries(ALIASES)).get(id) ?? [];
  return [lastPart(id), ...aliases];
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}
