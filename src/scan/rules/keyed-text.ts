/** A text at a key → the model that it names, and how sure that is. */
import type { Find } from "../find.ts";
import type { TextSource } from "../resolve.ts";
import type { CodeLanguage, Entry, Text } from "../syntax/program.ts";
import { isModelContainer, isOllamaKey, isTokenizerKey, judgeKey } from "./keys.ts";
import { readLoadOptions } from "./load-options.ts";
import { findHosting, findRefusal, isSpelledAsHosted } from "./look-alikes.ts";
import { parseAddress, parseHubId, parseOllama } from "./model-name.ts";
import { isKnownOwner, isLegacyName, looksLikeModel } from "./name-evidence.ts";
import { readAddress } from "./addresses.ts";

interface Context {
  readonly siblings: readonly Entry[];
  readonly resolver: TextSource;
  /** Null for data. */
  readonly language: CodeLanguage | null;
}

/** Siblings that only the load of a model has. */
const LOADING =
  /^(?:dtype|quantized|quantization|device|torch_dtype|trust_remote_code|revision|task|pipeline_tag|context_?(?:length|size|window)|max_model_len|dimensions?|embedding_dim\w*|dim|n_ctx|gguf\w*|variant)$/i;

/** Siblings that only a request to a service has. */
const REQUESTING =
  /^(?:messages|prompt|api_?key|base_?url|api_?base|temperature|max_?tokens|max_completion_tokens|stream|endpoint_url|input|inputs|top_p)$/i;

/** Keys around the settings of a service. */
const HOSTED_KEY =
  /litellm|openrouter|openai|groq|anthropic|together|bedrock|deepinfra|fireworks|inference_?(?:api|providers?|endpoint)/i;

/** Names of services that run models. */
const SERVICES =
  /^(?:openai|openrouter|groq|together\w*|fireworks\w*|deepinfra|replicate|anthropic|litellm|azure\w*|bedrock|vertex\w*|huggingface_?(?:api|hub|inference)|hf-inference|nebius|novita|sambanova|cerebras|cohere|mistral)$/i;

/** Keys next to the repository of a container's image, as Helm writes them: `{ repository: vllm/vllm-openai, tag: v0.11 }`. */
const IMAGE_KEY = /^(?:tag|image_?tag|(?:image_?)?pull_?(?:policy|secrets?)|digest)$/i;

function isImage(key: string, siblings: readonly Entry[]): boolean {
  return (
    /^(?:repository|repo|name|registry)$/i.test(key) && siblings.some((entry) => IMAGE_KEY.test(entry.key))
  );
}

export function readKeyed(
  { text, at }: Text,
  keys: readonly string[],
  { siblings, resolver, language }: Context,
): Find | null {
  if (text.length > 300) return null;
  const key = keys.at(-1) ?? "";
  const judged = judgeKey(keys);
  if (judged === "other" || isImage(key, siblings)) return null;
  const isListed = keys.slice(0, -1).some(isModelContainer) || (judged === null && isModelContainer(key));
  const strength = judged ?? (isListed && /^\w+$/.test(key) ? "weak" : null);
  if (strength === null) return null;
  const rule = `key ${key === "models" && keys.length > 1 ? keys.at(-2) : key}`;
  const settings = readLoadOptions(siblings, resolver, language);
  if (settings.isOther) return null;
  const start: Omit<Find, "model"> = {
    quantization: settings.quantization,
    loads: isTokenizerKey(key) ? "tokenizer" : "weights",
    confidence: "sure",
    rule,
    doubt: null,
    at,
  };
  if (
    isOllamaKey(key) ||
    siblings.some(
      (entry) =>
        /provider|backend|engine|type/i.test(entry.key) &&
        entry.value.kind === "text" &&
        /^ollama$/i.test(entry.value.text),
    )
  ) {
    const model = parseOllama(text);
    return model && { ...start, quantization: null, model };
  }
  const address = parseAddress(text);
  if (address) {
    const found = readAddress({ kind: "text", text, at });
    // The page of a model at the key of a model is what a tool downloads.
    return (
      found && {
        ...start,
        model: found.model,
        loads: found.loads,
        ...(strength === "weak" && found.confidence === "doubtful" && !/model/i.test(key)
          ? { confidence: "doubtful", doubt: found.doubt }
          : {}),
      }
    );
  }
  if (isLegacyName(text))
    return strength === "strong" || /model/i.test(key)
      ? { ...start, model: { registry: "hub", id: text, revision: null, file: null, label: null } }
      : null;
  const model = parseHubId(text);
  if (!model || findRefusal(model.id) !== null) return null;
  if (findHosting(text) !== null) return null;
  // Docker's own namespace of models.
  if (text.startsWith("ai/"))
    return {
      ...start,
      quantization: null,
      model: { registry: "docker", id: text, revision: null, file: null, label: null },
    };
  const [file] = settings.files;
  const found: Find = {
    ...start,
    model: {
      ...model,
      revision: settings.revision ?? model.revision,
      file: file?.file ?? model.file,
      label: file?.label ?? model.label,
    },
  };
  if (isSpelledAsHosted(model.id))
    return { ...found, confidence: "doubtful", doubt: "spelled as hosted APIs do" };
  if (keys.slice(0, -1).some((name) => HOSTED_KEY.test(name)))
    return {
      ...found,
      confidence: "doubtful",
      doubt: `a service may run it: it stands in ${keys.slice(0, -1).find((name) => HOSTED_KEY.test(name))}`,
    };
  const provider = siblings.find((entry) => /provider|backend|api$/i.test(entry.key))?.value;
  if (provider?.kind === "text" && SERVICES.test(provider.text))
    return { ...found, confidence: "doubtful", doubt: `${provider.text} may run it` };
  if (
    siblings.some((entry) => REQUESTING.test(entry.key)) &&
    !siblings.some((entry) => LOADING.test(entry.key))
  )
    return { ...found, confidence: "doubtful", doubt: "a service may run it: it stands with a request" };
  if (isKnownOwner(model.id) || strength === "strong" || (isListed && judged !== null)) return found;
  if (isListed) return looksLikeModel(model.id) ? found : null;
  if (looksLikeModel(model.id) && (siblings.some((entry) => LOADING.test(entry.key)) || /model/i.test(key)))
    return found;
  return looksLikeModel(model.id) || /model/i.test(key)
    ? { ...found, confidence: "doubtful", doubt: `its key, ${key}, may hold something else` }
    : null;
}
