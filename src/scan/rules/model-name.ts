/** Texts → names of models, by their form. */
import type { ModelName } from "../find.ts";

/** Files that hold weights. */
const WEIGHTS = /\.(?:safetensors|gguf|onnx|task|tflite|litertlm|bin|pt|pth|ckpt|h5|mlmodel|mlpackage)$/i;

/** One part of an id, as the Hub allows it. */
const PART = /^(?![-.])[\w.-]{1,96}(?<![-.])$/;

/** First parts of the Hub's own pages. */
const PAGES: ReadonlySet<string> = new Set(
  (
    "api datasets spaces docs blog papers settings models join login logout chat collections organizations tasks learn course pricing new terms-of-service " +
    "privacy enterprise inference inference-endpoints posts search notifications kernels buckets front blobs huggingface user-attachments changelog support oauth v2 hub welcome security"
  ).split(" "),
);

const HUB_ADDRESS = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)\/+(.*)$/i;
const HUB_SCHEME = /^(?:hf|huggingface):(?:\/\/)?(.*)$/i;
const HUB_PREFIX = /^hf[-_]hub:(.*)$/i;

/** Parse a text that says itself where its model is: an address, or a name behind a scheme. Null for any other. */
export function parseAddress(text: string): ModelName | null {
  const trimmed = text.trim();
  if (trimmed.length > 500 || /\s/.test(trimmed)) return null;
  const [, page] = HUB_ADDRESS.exec(trimmed) ?? [];
  if (page !== undefined) return parsePage(page);
  const [, named = HUB_PREFIX.exec(trimmed)?.[1]] = HUB_SCHEME.exec(trimmed) ?? [];
  if (named !== undefined) return parseParts(named);
  const [, ollama] = /^ollama:(?:\/\/)?(.*)$/i.exec(trimmed) ?? [];
  if (ollama !== undefined) return parseOllama(ollama);
  return /^https?:\/\//i.test(trimmed) && WEIGHTS.test(trimmed.replace(/[?#].*$/, ""))
    ? name("web", { id: trimmed.replace(/[?#].*$/, "") })
    : null;
}

/** Parse `org/name`, with `:Q4_K_M` or `@revision`. Null for anything else. */
export function parseHubId(text: string): ModelName | null {
  const [, whole = "", label = null, revision = null] =
    /^([\w.-]+\/[\w.-]+)(?::([\w.-]{1,96}))?(?:@([\w./-]{1,96}))?$/.exec(text.trim()) ?? [];
  const [owner = "", repository = ""] = whole.split("/");
  if (!isId(owner, repository)) return null;
  if (label !== null && WEIGHTS.test(label)) return name("hub", { id: whole, revision, file: label });
  return name("hub", { id: whole, revision, label: label === "latest" ? null : label });
}

/** Parse a name of Ollama's registry, or of the Hub where it begins with `hf.co/`. */
export function parseOllama(text: string): ModelName | null {
  const trimmed = text.trim();
  if (HUB_ADDRESS.test(trimmed)) return parseAddress(trimmed);
  if (!/^(?:[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*(?::[\w.-]+)?$/i.test(trimmed) || /[:-]cloud$/.test(trimmed))
    return null;
  return name("ollama", { id: trimmed });
}

/** Parse a name of Docker's model registry: `ai/smollm2:360M-Q4_K_M`. */
export function parseDocker(text: string): ModelName | null {
  const trimmed = text.trim();
  if (HUB_ADDRESS.test(trimmed)) return parseAddress(trimmed);
  return /^[\w.-]+\/[\w.-]+(?::[\w.-]+)?$/.test(trimmed) ? name("docker", { id: trimmed }) : null;
}

/** Return true for a path of weights that a loader would read. */
export function isWeightFile(path: string): boolean {
  return WEIGHTS.test(path);
}

export function name(registry: ModelName["registry"], rest: Partial<ModelName> & { id: string }): ModelName {
  return { registry, revision: null, file: null, label: null, ...rest };
}

function isId(owner: string, repository: string): boolean {
  return (
    [owner, repository].every((part) => PART.test(part) && !/--|\.\./.test(part)) &&
    !repository.endsWith(".git")
  );
}

/** The path of a page of the Hub: a model, a file of one, or something else. */
function parsePage(page: string): ModelName | null {
  const [path = "", query = ""] = page.split(/[?#]/, 2);
  const parts = path
    .replace(/\.git$/, "")
    .split("/")
    .filter(Boolean);
  if (query.includes("{") || parts.some((part) => /[<>{}$*]/.test(part))) return null;
  const view = parts.findIndex((part) => /^(?:tree|blob|resolve|raw|commit)$/.test(part));
  const [owner = "", ...rest] = view === -1 ? parts : parts.slice(0, view);
  if (PAGES.has(owner.toLowerCase())) return null;
  if (view === -1)
    return rest.length === 1 ? parseLabelled(owner, rest[0] ?? "") : parseFile(owner, rest, null);
  if (rest.length > 1) return null;
  const after = parts.slice(view + 1);
  const length = after[0] === "refs" ? 3 : 1;
  const revision = after.slice(0, length).join("/");
  const file = after.slice(length).join("/");
  const [repository] = rest;
  const id = repository === undefined ? owner : `${owner}/${repository}`;
  if (repository === undefined ? !PART.test(owner) : !isId(owner, repository)) return null;
  return name("hub", {
    id,
    revision: revision === "main" || revision === "" ? null : revision,
    file: file || null,
  });
}

/** `org/name[@revision][/path]`, `org/name:label`, `org/name/path#branch`. */
function parseParts(text: string): ModelName | null {
  const [path = "", branch = null] = text.split("#", 2);
  const parts = path.split("/").filter(Boolean);
  if (parts[0] === "models" && parts.length > 2) parts.shift();
  const [owner = "", repository = "", ...rest] = parts;
  if (PAGES.has(owner) || parts.some((part) => /[<>{}$*\s]/.test(part))) return null;
  if (rest.length === 0) return parseLabelled(owner, repository, branch);
  const [id = "", revision = branch] = repository.split("@", 2);
  return parseFile(owner, [id, ...rest], revision);
}

function parseLabelled(owner: string, written: string, revision: string | null = null): ModelName | null {
  const found = parseHubId(`${owner}/${decode(written)}`);
  return found && { ...found, revision: found.revision ?? revision };
}

function parseFile(
  owner: string,
  [repository = "", ...path]: readonly string[],
  revision: string | null,
): ModelName | null {
  if (!isId(owner, repository) || path.length === 0) return null;
  const [file = "", branch = revision] = path.join("/").split("@", 2);
  return name("hub", { id: `${owner}/${repository}`, revision: branch, file });
}

function decode(text: string): string {
  return text.replaceAll(/%2f/gi, "/").replaceAll(/%3a/gi, ":").replaceAll(/%40/gi, "@");
}
