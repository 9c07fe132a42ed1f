/** Names of Ollama's registry: `llama3.2:1b`, `user/name:tag`. Source: ollama/ollama, types/model/name.go. */
import type { Refuse } from "../model-id.ts";

export interface OllamaName {
  /** `library` for the models without a user in their names. */
  readonly namespace: string;
  readonly model: string;
  readonly tag: string;
}

const NAMESPACE = /^[A-Za-z\d_][\w-]{0,79}$/;
const PART = /^[A-Za-z\d_][\w.-]{0,79}$/;

/** Hosts of the registry itself. Others are set by --endpoint, so that a stranger's file cannot name one. */
const HOSTS: ReadonlySet<string> = new Set(["registry.ollama.ai", "ollama.com", "www.ollama.com"]);

/** Parse `name`, `name:tag`, `user/name:tag`, perhaps with the registry's host before it. Throws what `refuse` returns. */
export function parseOllamaName(text: string, refuse: Refuse): OllamaName {
  const slash = text.lastIndexOf("/");
  const colon = text.indexOf(":", slash + 1);
  const path = colon === -1 ? text : text.slice(0, colon);
  const tag = colon === -1 ? "latest" : text.slice(colon + 1);
  const parts = path.split("/");
  if (parts.length > 2) checkHost(parts.shift() ?? "", refuse);
  if (parts.length === 1) parts.unshift("library");
  const [namespace = "", model = "", ...more] = parts;
  if (more.length > 0) throw refuse("it has more parts than user/name:tag");
  if (!NAMESPACE.test(namespace) || !PART.test(model))
    throw refuse(`Ollama does not allow the name "${path}"`);
  if (!PART.test(tag)) throw refuse(`Ollama does not allow the tag "${tag}"`, "as in ollama:llama3.2:1b");
  return { namespace, model, tag };
}

function checkHost(host: string, refuse: Refuse): void {
  if (HOSTS.has(host.toLowerCase())) return;
  throw refuse(
    `${host} is not Ollama's registry`,
    "set a registry of your own with --endpoint or LLM_SIZE_OLLAMA_ENDPOINT, and leave out its host",
  );
}

/** True for an address of the registry or of its site. */
export function isOllamaHost(host: string): boolean {
  return HOSTS.has(host.toLowerCase());
}

/** Parse `/library/llama3.2:1b`, `/user/name:tag` and `/v2/library/llama3.2/manifests/1b`. Throws what `refuse` returns. */
export function parseOllamaAddress({ pathname, search }: URL, refuse: Refuse): OllamaName {
  const path = decode(pathname).replace(/^\/|\/$/g, "");
  if (search !== "") throw refuse("its query is not understood", "leave out the part after ?");
  const [, named, tag] = /^v2\/([^/]+\/[^/]+)\/manifests\/([^/]+)$/.exec(path) ?? [];
  if (named !== undefined) return parseOllamaName(`${named}:${tag}`, refuse);
  if (path.split("/").length !== 2)
    throw refuse("it is not the page of a model", "as in https://ollama.com/library/llama3.2:1b");
  return parseOllamaName(path, refuse);
}

/** Return the name as Ollama lists it: with its tag, and without the namespace of its own library. */
export function formatOllamaName({ namespace, model, tag }: OllamaName): string {
  return `${namespace === "library" ? "" : `${namespace}/`}${model}:${tag}`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
