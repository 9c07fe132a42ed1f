/** Names that look like models and are none, and names that are perhaps not downloaded. */

/** Folders that code keeps its own weights in, and other first parts of paths. */
const FOLDERS: ReadonlySet<string> = new Set(
  (
    "adapters app apps artifacts assets bin build cache cached checkpoint checkpoints ckpt ckpts cmd conf config configs content " +
    "data dataset datasets dist docs download downloads etc examples experiments export exported exports fixtures home images " +
    "img lib local log logs lora mnt model models node_modules opt out output outputs packages path pkg pretrained " +
    "pretrained_models public quantized refs resources results root run runs saved saved_model saved_models scripts server " +
    "shared spaces src srv static storage test tests tmp trained trained_models train training usr util utils var volumes weights " +
    "work work_dir work_dirs workspace www api v1 v2 origin feature features fix release releases bugfix chore"
  ).split(" "),
);

/** Organizations of examples. */
const PLACEHOLDER_OWNERS: ReadonlySet<string> = new Set(
  (
    "acme author company contoso creator example example-org examples foo foobar me model-org myname my-name my-org my_org my-team " +
    "my-user my-username mycompany my-company myorg namespace org org-name organization orgname owner placeholder provider " +
    "publisher repo someone some-org some-user someorg someuser team the-org user user-name user_name username vendor " +
    "xxx your your-company your-hf-username your-name your-namespace your-org your-organization your-team your-user your-username " +
    "your_name your_org your_user your_username yourname yourorg youruser yourusername hf-username hf_username"
  ).split(" "),
);

const PLACEHOLDER_NAMES: ReadonlySet<string> = new Set(
  (
    "a-model bar baz b example foo model model-id model-name model_id model_name modelname my-awesome-model my-cool-model my-model " +
    "my_model mymodel name placeholder repo repo-name repo_name repository some-model test test-model the-model thing tiny xxx " +
    "your-model your-model-name your_model yourmodel x y"
  ).split(" "),
);

/** `demo-model`, `my-cool-lora`, `fake_model_2`. */
const PLACEHOLDER_NAME =
  /^(?:my|your|some|a|the|test|dummy|fake|demo|sample|example|mock|foo|bar|custom|new|other|random)[-_](?:(?:awesome|cool|great|new|own|test|tiny)[-_])?(?:model|repo|lora|adapter|checkpoint)(?:[-_]?(?:\d+|[a-z]|name|id))?$/i;

/** Owners of labels and images: `nvidia.com/gpu`, `ghcr.io/name`. */
const DOMAIN = /\.(?:io|com|org|net|dev|sh|app|cloud|gov|edu|co|local)$/i;

/** Top-level media types (IANA). */
const MEDIA_TYPES: ReadonlySet<string> = new Set(
  "application audio font image message multipart text video chemical".split(" "),
);

/** Owners that only exist at hosted APIs and in the routes of LiteLLM and OpenRouter. */
const HOSTED_OWNERS: ReadonlySet<string> = new Set(
  (
    "anthropic assemblyai azure azure_ai bedrock cloudflare cohere deepgram deepinfra deepseek elevenlabs " +
    "fireworks fireworks_ai gemini github groq hosted_vllm hyperbolic inflection litellm lmstudio lm_studio minimax mistral moonshot " +
    "nebius novita openrouter perplexity replicate sambanova stepfun sonar together togethercomputer-api vertex_ai vercel " +
    "voyage watsonx x-ai xai z-ai zhipu"
  ).split(" "),
);

/** Models that their owners serve and do not publish. */
const HOSTED_MODELS =
  /^(?:amazon\/(?:nova|titan)|ibm\/(?:granite|slate)-|cerebras\/(?:llama|qwen|gpt-oss|zai)|fal\/|oci\/|openai\/(?:gpt-(?!oss|2|j)|o\d|chatgpt|codex|text-|tts-|dall-e|whisper-1$|sora|gpt-image)|google\/(?:gemini|palm|text-|imagen|veo)|mistralai\/(?:mistral-(?:large|medium|small|tiny|saba|embed)(?:-latest)?$|codestral-latest|ministral-\d+b$|pixtral-large)|meta\/|.+:(?:free|nitro|beta|extended|thinking|online|floor|exacto)$)/i;

/** How OpenRouter and others spell ids that the Hub writes with capitals: `meta-llama/llama-3.1-8b-instruct`. */
const HOSTED_SPELLING =
  /^(?:meta-llama\/llama|qwen\/|nousresearch\/|nvidia\/llama|mistralai\/(?:mistral|mixtral)|thudm\/)/;

/** Endings of files. Those of weights are found by their addresses. */
const FILE =
  /\.(?:[cm]?[jt]sx?|json[5lc]?|ya?ml|toml|md|mdx|rst|txt|csv|tsv|parquet|py[cdi]?|ipynb|rs|go|java|kts?|swift|php|rb|sh|bash|bat|ps1|html?|css|s[ac]ss|less|svg|png|jpe?g|gif|webp|ico|mp[34]|wav|flac|ogg|zip|t?gz|tar|bz2|xz|7z|whl|wasm|so|dll|dylib|exe|lock|log|conf|cfg|ini|env|xml|pdf|bin|pt|pth|ckpt|h5|pb|npz|npy|pkl|onnx|tflite|task|litertlm|safetensors|gguf|model|vue|svelte|proto|sql|db|tf|dockerfile|git)$/i;

/** Return why an id is not a model; null where it may be one. */
export function findRefusal(id: string): string | null {
  const [owner = "", name = ""] = id.split("/");
  const [lowOwner, lowName] = [owner.toLowerCase(), name.toLowerCase()];
  if (FOLDERS.has(lowOwner) || /^checkpoint-\d+$/i.test(name) || owner.startsWith("_")) return "a path";
  if (PLACEHOLDER_OWNERS.has(lowOwner) || PLACEHOLDER_NAMES.has(lowName) || /^your[-_]/i.test(id))
    return "a placeholder";
  if (DOMAIN.test(owner)) return "a domain";
  if (PLACEHOLDER_NAME.test(name)) return "a placeholder";
  if (MEDIA_TYPES.has(lowOwner)) return "a media type";
  if (FILE.test(name)) return "a file";
  if (/^[\d.]+$/.test(owner) || /^(?:\d{1,4}|v\d[\d.]*)$/i.test(name)) return "a number";
  return null;
}

/** Return why a model may not be downloaded: it is spelled as a hosted API does. Null where nothing says so. */
export function findHosting(id: string): string | null {
  const owner = id.slice(0, id.indexOf("/"));
  if (HOSTED_OWNERS.has(owner) || HOSTED_MODELS.test(id)) return "a hosted API's model";
  return null;
}

/** True for an id that is spelled as hosted APIs do, though the Hub has it too. */
export function isSpelledAsHosted(id: string): boolean {
  return HOSTED_SPELLING.test(id);
}
