/** Texts → models, by how a call, a flag or a key of a tool names them. */
import type { ModelName } from "../find.ts";
import type { Naming } from "./calls.ts";
import { findHosting, findRefusal } from "./look-alikes.ts";
import { name, parseAddress, parseHubId, parseOllama } from "./model-name.ts";
import { isLegacyName } from "./name-evidence.ts";

/** Models that sentence-transformers knows without their organization (`__MODEL_HUB_ORGANIZATION__`). */
const SENTENCE_TRANSFORMERS =
  /^(?:all-(?:MiniLM|mpnet|distilroberta|roberta)|multi-qa-|paraphrase-|msmarco-|distiluse-|gtr-t5|sentence-t5|clip-ViT|stsb-|nli-|LaBSE|average_word|allenai-specter|facebook-dpr|nq-distilbert|quora-|xlm-r-|use-cmlm|static-|bert-(?:base|large)-nli|roberta-(?:base|large)-nli)/i;

/** Sizes that faster-whisper completes (faster_whisper/utils.py). */
const FASTER_WHISPER: ReadonlyMap<string, string> = new Map([
  ...[
    "tiny",
    "tiny.en",
    "base",
    "base.en",
    "small",
    "small.en",
    "medium",
    "medium.en",
    "large-v1",
    "large-v2",
    "large-v3",
  ].map((size): [string, string] => [size, `Systran/faster-whisper-${size}`]),
  ["large", "Systran/faster-whisper-large-v3"],
  ["distil-large-v2", "Systran/faster-distil-whisper-large-v2"],
  ["distil-large-v3", "Systran/faster-distil-whisper-large-v3"],
  ["distil-medium.en", "Systran/faster-distil-whisper-medium.en"],
  ["distil-small.en", "Systran/faster-distil-whisper-small.en"],
  ["large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"],
  ["turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"],
]);

/** `Llama-3.2-1B-Instruct-q4f16_1-MLC`. */
const MLC = /^[\w.-]+-q\d+f\d+(?:_\d+)?(?:-[\w.]+)*$/;

/** Parse the name of a model that is loaded; null where it is a path, a placeholder or of another kind. */
export function parseLoaded(text: string, naming: Naming = "hub"): ModelName | null {
  const trimmed = text.trim();
  const address = parseAddress(trimmed);
  if (address) return address;
  switch (naming) {
    case "address":
    case "prefixed":
      return null;
    case "ollama":
      return /[/\\]{2}|^[./~]|\.gguf$/.test(trimmed) ? null : parseOllama(trimmed);
    case "mlc":
      return MLC.test(trimmed)
        ? name("hub", { id: `mlc-ai/${trimmed.replace(/-1k$/, "")}` })
        : parseHubOnly(trimmed);
    case "faster-whisper": {
      const id = FASTER_WHISPER.get(trimmed);
      return id === undefined ? parseHubOnly(trimmed) : name("hub", { id });
    }
    case "sentence-transformers":
      return SENTENCE_TRANSFORMERS.test(trimmed) && !trimmed.includes("/")
        ? name("hub", { id: `sentence-transformers/${trimmed}` })
        : parseHub(trimmed);
    case "hub":
      return parseHub(trimmed);
  }
}

function parseHub(text: string): ModelName | null {
  return isLegacyName(text) ? name("hub", { id: text }) : parseHubOnly(text);
}

function parseHubOnly(text: string): ModelName | null {
  const found = parseHubId(text);
  return found && findRefusal(found.id) === null && findHosting(text) === null ? found : null;
}
