import { MAX_REFERENCE_CHARACTERS } from "../contract/terms.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { suggestModels } from "./catalog/near.ts";
import { hasControls, parseAddress, parseHubPath } from "./hub-address.ts";
import { resolveAlias } from "./catalog/aliases.ts";
import { isOllamaHost, parseOllamaAddress, parseOllamaName, type OllamaName } from "./ollama/name.ts";
import { parseModelId, type Refuse } from "./model-id.ts";
import type { ModelRef } from "./repository.ts";

/** A reference as the user typed it, classified by its form alone. */
export type Reference =
  | { readonly kind: "name"; readonly text: string; readonly name: string; readonly revision: string | null }
  | ({ readonly kind: "repository"; readonly text: string } & ModelRef)
  | { readonly kind: "ollama"; readonly text: string; readonly name: OllamaName }
  | { readonly kind: "path"; readonly text: string; readonly path: string };

/**
 * Parse a reference: `gemma-2b`, `org/name`, either with `@revision`, `org/name:Q8_0`, `https://huggingface.co/org/name[/tree/rev]`,
 * `hf://org/name[/file]`, `ollama:name:tag`, `name:tag`, or a path (`./folder`, `/folder`, `~/folder`, `model.safetensors`). Nothing of it is dropped.
 * Throws INVALID_REFERENCE.
 */
export function parseReference(text: string, endpoint: string): Reference {
  const trimmed = text.trim();
  const refuse = refuseAs(quote(text));
  if (trimmed === "") throw refuse("it is empty");
  if (trimmed.length > MAX_REFERENCE_CHARACTERS)
    throw refuse(`it is longer than ${MAX_REFERENCE_CHARACTERS} characters`);
  if (hasControls(trimmed)) throw refuse("it contains control characters");
  if (!trimmed.isWellFormed()) throw refuse("it contains half of a character");
  const [, rest] = COMMAND.exec(trimmed) ?? [];
  if (rest !== undefined)
    throw refuse("it is a command line", `name the model alone: ${nameAlone(trimmed, rest)}`);
  if (/^https?:\/\//i.test(trimmed)) return parseUrl(trimmed, trimmed, endpoint);
  if (HOST.test(trimmed)) return parseUrl(trimmed, `https://${trimmed}`, endpoint);
  const [, hubPath] = /^(?:hf|huggingface|hf-hub|hf_hub):(?:\/\/)?(.*)$/is.exec(trimmed) ?? [];
  if (hubPath !== undefined) return { kind: "repository", text: trimmed, ...parseHubPath(hubPath, refuse) };
  const [, ollama] = /^ollama:(?:\/\/)?(.*)$/is.exec(trimmed) ?? [];
  if (ollama !== undefined) return parseOllama(trimmed, ollama, endpoint);
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(trimmed) ?? [];
  if (scheme !== undefined) throw refuse(`addresses of ${scheme.toLowerCase()}:// are not supported`);
  if (isPath(trimmed)) return { kind: "path", text: trimmed, path: trimmed };
  return parseWords(trimmed, refuse);
}

/** Hosts that people write without https://. Others than the Hub's are refused by name, not taken for folders. */
const HOST =
  /^(?:www\.)?(?:huggingface\.co|hf\.co|ollama\.com|registry\.ollama\.ai|github\.com|civitai\.com|kaggle\.com|modelscope\.(?:cn|ai))\//i;

/** Command lines that the Hub's pages offer to copy. */
const COMMAND =
  /^(?:ollama (?:run|pull)|docker model (?:run|pull)|llama-(?:cli|server) -hf|hf download|huggingface-cli download|git clone) +(\S+)$/i;

function refuseAs(reference: string): Refuse {
  return (reason, hint) =>
    new LlmSizeError("INVALID_REFERENCE", { reference, reason, ...(hint && { hint }) });
}

/** Return the text without secrets, and short. `hf://org/name@main` holds none. */
function quote(text: string): string {
  const safe = /https?:\/\/|:\/\/[^/]*@/i.test(text) ? redact(text) : text;
  return safe.length > MAX_REFERENCE_CHARACTERS ? `${safe.slice(0, 60)}…` : safe;
}

/** `org/name:file.gguf`, as Ollama writes a file. */
const LABELLED = /^[\w.-]+\/[\w.-]+:/;

/** `org/name/`, which may be a folder too. */
const WITH_SLASH = /^[\w-][\w.-]*\/[\w.-]+\/$/;

function isPath(text: string): boolean {
  if (/^(?:\.{1,2}$|\.{0,2}[/\\]|~[/\\]|~$|[a-z]:[/\\])/i.test(text) || text.includes("\\")) return true;
  if (LABELLED.test(text) || WITH_SLASH.test(text)) return false;
  return (
    text.endsWith("/") ||
    /\.(?:safetensors|gguf|bin|pt|pth|ckpt|onnx|task|litertlm|tflite|json)$/i.test(text) ||
    (text.split("/").length > 2 && !/^(?:datasets|spaces|models|collections)\/|@/.test(text))
  );
}

/** Parse what is neither an address nor a path. */
function parseWords(text: string, refuse: Refuse): Reference {
  if (TAGGED.test(text) && !isQuantizedAlias(text))
    return { kind: "ollama", text, name: parseOllamaName(text, refuse) };
  const typed: Refuse = (reason, hint) => {
    const similar = suggestModels(text);
    return refuse(reason, similar.length > 0 ? `did you mean ${similar.join(", ")}?` : hint);
  };
  const { id, revision, file, label } = parseModelId(text, typed);
  if (id.includes("/")) return { kind: "repository", text, id, revision, file, label };
  if (text.includes(":"))
    throw typed(
      "only org/name takes a quantization after a colon",
      "use org/name:QUANT, --quant, or ollama:name:tag",
    );
  return { kind: "name", text, name: id, revision };
}

/** `llama3.2:1b`, as Ollama names its models. The Hub's names have an organization before a colon. */
const TAGGED = /^[A-Za-z\d_][\w.-]*:[A-Za-z\d_][\w.-]*$/;

/** True for a model of the catalog with a quantization: `gemma-2b:Q4_K_M`. Tags of Ollama have more than that. */
function isQuantizedAlias(text: string): boolean {
  const [name = "", tag = ""] = text.split(":");
  return resolveAlias(name) !== null && /^(?:UD-)?(?:(?:I?Q|TQ)\d\w*|B?F16|F32)$/i.test(tag);
}

/** Parse what follows `ollama:`. Ollama also runs models of the Hub, by `hf.co/org/name`. */
function parseOllama(text: string, body: string, endpoint: string): Reference {
  if (/^(?:www\.)?(?:huggingface\.co|hf\.co)\//i.test(body))
    return { ...parseUrl(body, `https://${body}`, endpoint), text };
  return { kind: "ollama", text, name: parseOllamaName(body, refuseAs(text)) };
}

/** Return the reference of a command: `ollama run llama3.2` means a model of Ollama. */
function nameAlone(command: string, named: string): string {
  const isOfHub = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\//i.test(named);
  return /^ollama /i.test(command) && !isOfHub ? `ollama:${named}` : named;
}

function parseUrl(typed: string, address: string, endpoint: string): Reference {
  const url = URL.canParse(address) ? new URL(address) : null;
  const hasLogin = url !== null && url.username + url.password !== "";
  const text = url && !hasLogin ? showAddress(typed, url) : redact(typed);
  const refuse = refuseAs(text);
  if (hasLogin) throw refuse("it contains a login; put the token into HF_TOKEN");
  if (!url) throw refuse("it is not a URL");
  if (isOllamaHost(url.hostname)) return { kind: "ollama", text, name: parseOllamaAddress(url, refuse) };
  return { kind: "repository", text, ...parseAddress(url, endpoint, refuse) };
}

/** Return an address without its query, where people put tokens, but with the file that it names. */
function showAddress(typed: string, { searchParams }: URL): string {
  const file = searchParams.get("show_file_info");
  const shown = typed.replace(/[?#].*$/s, "");
  return file === null || hasControls(file) ? shown : `${shown}?show_file_info=${file}`;
}

/** Return an address without its login and query, where people put tokens. */
export function redact(address: string): string {
  return address.replace(/^.*@/s, "…@").replace(/[?#].*$/s, "");
}

/** A line of a list that is not a reference. Measured, it is a failure like others. */
export interface InvalidReference {
  readonly kind: "invalid";
  readonly text: string;
  readonly error: LlmSizeError;
}

/** Parse a reference of a list. Of an invalid one only what the error says of it may be repeated. */
export function parseListed(text: string, endpoint: string): Reference | InvalidReference {
  try {
    return parseReference(text, endpoint);
  } catch (error) {
    if (!isFailure(error, "INVALID_REFERENCE")) throw error;
    return { kind: "invalid", text: error.context.reference, error };
  }
}
