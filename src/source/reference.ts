import { MAX_REFERENCE_CHARACTERS } from "../contract/terms.ts";
import { LlmSizeError } from "../errors.ts";
import type { ModelRef } from "./repository.ts";

/** A reference as the user typed it, classified by its form alone. */
export type Reference =
  | { readonly kind: "name"; readonly text: string; readonly name: string; readonly revision: string | null }
  | ({ readonly kind: "repository"; readonly text: string } & ModelRef)
  | { readonly kind: "path"; readonly text: string; readonly path: string };

/** One segment of a repository id, by the rule of validate_repo_id in huggingface_hub. */
const SEGMENT = /^(?![-.])[\w.-]{1,96}(?<![-.])$/;

function isSegment(text: string): boolean {
  return SEGMENT.test(text) && !/--|\.\.|\.git$/.test(text);
}

/** True for `org/name`, and for `gpt2`, as old models are named. */
export function isModelId(text: string): boolean {
  const segments = text.split("/");
  return segments.length <= 2 && segments.every(isSegment);
}

/** Hosts whose URLs mean the Hub, at any endpoint. */
const HUB_HOSTS = new Set(["huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"]);

/**
 * Parse a reference: `gemma-2b`, `org/name`, either with `@revision`, `org/name:Q8_0`, `https://huggingface.co/org/name[/tree/rev]`,
 * `hf://org/name`, or a path (`./folder`, `/folder`, `~/folder`, `model.safetensors`).
 * Throws INVALID_REFERENCE.
 */
export function parseReference(text: string, endpoint: string): Reference {
  const trimmed = text.trim();
  const invalid = (reason: string) =>
    new LlmSizeError("INVALID_REFERENCE", { reference: quote(text), reason });
  if (trimmed === "") throw invalid("it is empty");
  if (trimmed.length > MAX_REFERENCE_CHARACTERS)
    throw invalid(`it is longer than ${MAX_REFERENCE_CHARACTERS} characters`);
  if (hasControls(trimmed)) throw invalid("it contains control characters");
  if (!trimmed.isWellFormed()) throw invalid("it contains half of a character");
  if (/^https?:\/\//i.test(trimmed)) return parseUrl(trimmed, trimmed, endpoint);
  if (/^(?:www\.)?(?:huggingface\.co|hf\.co)\//i.test(trimmed))
    return parseUrl(trimmed, `https://${trimmed}`, endpoint);
  if (/^hf:\/\//i.test(trimmed)) return parseId(trimmed, trimmed.slice("hf://".length), invalid);
  if (isPath(trimmed)) return { kind: "path", text: trimmed, path: trimmed };
  return parseId(trimmed, trimmed, invalid);
}

/** Return the text without secrets, and short. `hf://org/name@main` holds none. */
function quote(text: string): string {
  const safe = /https?:\/\/|:\/\/[^/]*@/i.test(text) ? redact(text) : text;
  return safe.length > MAX_REFERENCE_CHARACTERS ? `${safe.slice(0, 60)}…` : safe;
}

function isPath(text: string): boolean {
  return (
    /^(?:\.{1,2}$|\.{0,2}[/\\]|~[/\\]|~$|[a-z]:[/\\])/i.test(text) ||
    text.includes("\\") ||
    text.endsWith("/") ||
    /\.(?:safetensors|gguf|bin|pt|pth|ckpt|onnx|task|litertlm|tflite|json)$/i.test(text) ||
    (text.split("/").length > 2 && !/^(?:datasets|spaces|models)\/|@/.test(text))
  );
}

/** Only behind an organization: what a name alone and a colon mean is for other sources to say. */
const LABELLED_ID = /^([^:]*\/[^:]*):([\w.-]{1,64})$/;

type Invalid = (reason: string) => LlmSizeError;

function parseId(text: string, body: string, invalid: Invalid): Reference {
  const at = body.indexOf("@");
  const [, ofId = "", idLabel = null] = LABELLED_ID.exec(at === -1 ? body : body.slice(0, at)) ?? [];
  const id = (ofId || (at === -1 ? body : body.slice(0, at))).replace(/\/$/, "");
  const revision = at === -1 ? null : body.slice(at + 1);
  if (revision === "") throw invalid("the revision after @ is empty");
  const segments = id.split("/");
  if (segments[0] === "datasets" || segments[0] === "spaces")
    throw invalid(`it is one of the Hub's ${segments[0]}, not a model`);
  if (segments[0] === "models" && segments.length === 3) segments.shift();
  if (segments.length > 2) throw invalid("it has more parts than organization/name");
  const wrong = segments.find((segment) => !isSegment(segment));
  if (wrong !== undefined)
    throw invalid(
      wrong.startsWith("-") ? "it looks like an option" : `the Hub does not allow the name "${wrong}"`,
    );
  const [first = "", second] = segments;
  return second === undefined
    ? { kind: "name", text, name: first, revision }
    : { kind: "repository", text, id: `${first}/${second}`, revision, file: null, label: idLabel };
}

function parseUrl(typed: string, address: string, endpoint: string): Reference {
  const url = URL.canParse(address) ? new URL(address) : null;
  const hasLogin = url !== null && url.username + url.password !== "";
  const text = url && !hasLogin ? typed.replace(/[?#].*$/s, "") : redact(typed);
  const invalid = (reason: string) => new LlmSizeError("INVALID_REFERENCE", { reference: text, reason });
  if (hasLogin) throw invalid("it contains a login; put the token into HF_TOKEN");
  const base = new URL(endpoint);
  if (!url) throw invalid("it is not a URL");
  if (!HUB_HOSTS.has(url.hostname) && url.host !== base.host)
    throw invalid(`${url.host} is not the Hub; set another host with HF_ENDPOINT or --endpoint`);
  const prefix = url.host === base.host ? base.pathname.replace(/\/$/, "") : "";
  if (!`${url.pathname}/`.startsWith(`${prefix}/`)) throw invalid("it points outside the endpoint");
  const parts = url.pathname.slice(prefix.length).split("/").filter(Boolean).map(decodePart);
  if (parts.some(hasControls)) throw invalid("it contains control characters");
  const view = parts.findIndex((part) => ["tree", "blob", "resolve", "raw", "commit"].includes(part));
  const reference = parseId(text, (view === -1 ? parts : parts.slice(0, view)).join("/"), invalid);
  if (view === -1 || reference.kind === "path") return reference;
  // refs/pr/1 is a revision of three parts, with or without encoded slashes.
  const rest = parts.slice(view + 1);
  const length = rest[0] === "refs" ? 3 : 1;
  const revision = rest.slice(0, length).join("/") || null;
  if (reference.kind === "name") return { ...reference, revision };
  const file = rest.slice(length).join("/") || null;
  return { ...reference, revision, file };
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- refused on purpose
  return /[\u0000-\u001f\u007f]/.test(text);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Return an address without its login and query, where people put tokens. */
export function redact(address: string): string {
  return address.replace(/^.*@/s, "…@").replace(/[?#].*$/s, "");
}
