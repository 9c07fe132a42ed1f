/** Keys, variables and flags that hold the name of a model. */

/** How sure a key is that its value names a model. */
type KeyStrength = "strong" | "weak";
/** `other` for a key that holds something else; null for one that says nothing. */
type JudgedKey = KeyStrength | "other" | null;

/** Keys that hold something else, whatever follows them. */
const OTHERS =
  /data_?set|(?:^|_)space_|^data$|dataset|hub_?model_?id|push_?to_?hub|hub_?repo|output|upload|github|git_?(?:repo|url)|docker|image$|^uses$|^from$|space_?id|repo_?type|^package|^action|kernel|model_?(?:type|class|author|version|dir|card|family|provider|config|file|files|format|kwargs|lib|args|url_prefix|kind|task|owner|org|server)s?$|served_?model|^license|^author|^homepage|^link|^href$|^citation|^tokenizer_config|^media|mime|^content_?type|^accept|^route|^path$|^base_?url|_dir$|^dir$|branch|tag_name/i;

const STRONG =
  /(?:^|_)(?:model|checkpoint|ckpt|embedder|reranker|lora|adapter|encoder|vae|controlnet|llm|unet|transformer)_?(?:ids?|names?|name_?or_?path|repo|repo_?ids?|repos|uri|hf|hf_?id|hub_?id|hf_?repo|hf_?name|slug|key|path|paths|identifier|spec|str|default)$|(?:^|_)(?:hf|hub|huggingface|hugging_?face)_?(?:model|repo|id|path|name|model_?id|repo_?id|model_?name|model_?path|hub_?id|checkpoint)$|(?:^|_)(?:pretrained|repo_ids?|name_or_path|model_?stub)$|(?:^|_)pretrained(?:_?model)?(?:_?name)?(?:_?or)?_?(?:path|id|model)?$|^(?:base|embed|embedding|embeddings|rerank|reranking|reranker|teacher|student|draft|speculative|assistant|guard|judge|reward|vision|text|speech|audio|asr|stt|tts|ner|llm|chat|completion|code|vlm|ocr|whisper|default|fallback|generator|generation|summar\w+|sentiment|translation|classifier|classification|detection|segmentation|captioning?|sd|sdxl|diffusion|flux|local|transformers?|sentence_?transformers?|hf|huggingface|ollama|vllm|tgi|tei|target|reference|quantized|small|large|tiny|mini|first|second|primary|secondary|main|zero_?shot|moderation|toxicity|qa|spacy|clip|depth|image|video|language|emb|xenova|onnx|webgpu|webllm|mlc|mlx|gguf|[a-z]+)_(?:model|checkpoint|ckpt|lora|adapter)s?$|^(?:checkpoint|ckpt|repo_?id|repo_?ids|models?_to_\w+|lora_?adapters?|adapters?|lora|policy_path|tokenizer|tokenizer_?(?:name|id|path)|model_?name_?or_?path|supported_?models|available_?models|[a-z_]*models|peft_?model)$/i;

const WEAK =
  /^(?:[a-z\d_]+_(?:model|checkpoint|ckpt|encoder|embedder|reranker)|model|models|id|name|repo|repository|value|model_?(?:list|map)|uri|url|src|source|variant|choices|options|target)$/i;

/** `embeddingModelId` and `EMBEDDING-MODEL_ID` are `embedding_model_id`. */
function toSnakeCase(key: string): string {
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.\s]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toLowerCase();
}

/** Judge the key of a value, and the keys around it. */
export function judgeKey(keys: readonly string[]): JudgedKey {
  const names = keys.map(toSnakeCase);
  const last = names.at(-1) ?? "";
  // Around it, `hub` or `image` say nothing; a data set does.
  const around = names.slice(0, -1);
  if (around.some((name) => /data_?sets?$|^metrics?$|^spaces?$|^kernels?$/.test(name))) return "other";
  if (OTHERS.test(last)) return "other";
  if (STRONG.test(last)) return "strong";
  if (around.includes("data")) return "other";
  return WEAK.test(last) ? "weak" : null;
}

/** True for a name that holds several models: `MODELS = { small: "org/name" }`. */
export function isModelContainer(key: string): boolean {
  const name = toSnakeCase(key);
  return (
    !OTHERS.test(name) &&
    /(?:^|_)(?:models?|checkpoints?|embedders?|rerankers?|llms?|loras?|adapters)(?:_(?:map|list|ids?|names?|config|configs|registry|catalog|catalogue|options|presets|paths?|repos?|by_\w+|table|choices|aliases|urls?|infos?|info|mapping|zoo))?$|^model_\w+$|_to_(?:model|repo|hf)\w*$/.test(
      name,
    )
  );
}

/** True for a key of Ollama: `OLLAMA_MODEL`. */
export function isOllamaKey(key: string): boolean {
  return /ollama_?\w*models?(?:_?(?:name|id))?$/i.test(toSnakeCase(key));
}

/** True where only the tokenizer is loaded. */
export function isTokenizerKey(key: string): boolean {
  return /tokenizer(?:_?(?:name|id|path|name_or_path|model))?$/.test(toSnakeCase(key));
}
