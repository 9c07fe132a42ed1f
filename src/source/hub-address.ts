/** Addresses of the Hub, as a browser shows them and as tools write them, and what they name. */
import { parseModelId, refuseOtherPage, type Refuse } from "./model-id.ts";
import type { ModelRef } from "./repository.ts";

/** Hosts whose URLs mean the Hub, at any endpoint. */
const HUB_HOSTS: ReadonlySet<string> = new Set([
  "huggingface.co",
  "www.huggingface.co",
  "hf.co",
  "www.hf.co",
]);

/** Words in the address of a page of a model, before a revision and perhaps a path. */
const VIEWS: ReadonlySet<string> = new Set(["tree", "blob", "resolve", "raw", "blame", "commit"]);

/** Parameters of the Hub's own pages and of links that are shared, which name nothing. */
const SILENT_PARAMETERS =
  /^(?:download|library|local-app|inference(?:[_-]\w+)?|clone|tab|text|not-for-all-audiences|utm_\w+|fbclid|gclid|source|share)$/;

/** The file that the panel of a GGUF or safetensors file shows. */
const FILE_PARAMETER = "show_file_info";

/** Files that hold weights. `hf.co/org/name/file.gguf` is how LM Studio and LocalAI write one. */
const WEIGHT_FILE = /\.(?:safetensors|gguf|bin|pt|pth|ckpt|onnx|task|litertlm|tflite)$/i;

/** Parse the address of a model, of a revision, or of a file or folder of one. Throws what `refuse` returns. */
export function parseAddress(url: URL, endpoint: string, refuse: Refuse): ModelRef {
  const base = new URL(endpoint);
  if (!HUB_HOSTS.has(url.hostname) && url.host !== base.host)
    throw refuse(`${url.host} is not the Hub; set another host with HF_ENDPOINT or --endpoint`);
  const prefix = url.host === base.host ? base.pathname.replace(/\/$/, "") : "";
  if (!`${url.pathname}/`.startsWith(`${prefix}/`)) throw refuse("it points outside the endpoint");
  const parts = splitPath(url.pathname.slice(prefix.length), refuse);
  refuseOtherPage(parts[0], refuse);
  if (parts[0] !== undefined && VIEWS.has(parts[0])) throw refuse("the model before it is missing");
  if (parts.join() === "models") throw refuse("it is a list of models", "name one of them as org/name");
  const named = parseParts(parts[0] === "models" ? parts.slice(1) : parts, refuse);
  return withFileParameter(named, url, refuse);
}

/** Parse `org/name[@revision][/file]`, as huggingface_hub and LocalAI write it after `hf://`. */
export function parseHubPath(body: string, refuse: Refuse): ModelRef {
  const [, hub = "", branch] = /^([^#]*)(?:#(.*))?$/s.exec(body) ?? [];
  const parts = splitPath(hub, refuse);
  refuseOtherPage(parts[0], refuse);
  if (parts[0] === "models") parts.shift();
  const length = parts[1]?.endsWith("@refs") ? 4 : 2;
  const named = parseModelId(parts.slice(0, length).join("/"), refuse);
  const file = parts.slice(length).join("/") || null;
  // node-llama-cpp: hf:org/name/file.gguf#branch.
  const revised = branch === undefined ? named : withRevision(named, branch, refuse);
  return file === null ? revised : withFile(revised, file, refuse);
}

function splitPath(path: string, refuse: Refuse): string[] {
  const parts = path.split("/").filter(Boolean).map(decodePart);
  if (parts.some(hasControls)) throw refuse("it contains control characters");
  return parts;
}

/** Parse the parts of a path: an id, and perhaps a view with a revision and a file. */
function parseParts(parts: readonly string[], refuse: Refuse): ModelRef {
  const place = parts.findIndex((part, index) => index > 0 && index < 3 && VIEWS.has(part));
  if (place === -1) {
    const last = parts.at(-1) ?? "";
    const isFile = parts.length > 2 && WEIGHT_FILE.test(last);
    const named = parseModelId((isFile ? parts.slice(0, 2) : parts).join("/"), refuse);
    return isFile ? withFile(named, parts.slice(2).join("/"), refuse) : named;
  }
  const named = parseModelId(parts.slice(0, place).join("/"), refuse);
  // refs/pr/1 is a revision of three parts, with or without encoded slashes.
  const rest = parts.slice(place + 1);
  const length = rest[0] === "refs" ? 3 : 1;
  const revision = rest.slice(0, length).join("/");
  const file = rest.slice(length).join("/");
  if (parts[place] === "commit" && file !== "") throw refuse(`"${file}" after the commit is not understood`);
  const revised = revision === "" ? named : withRevision(named, revision, refuse);
  return file === "" ? revised : withFile(revised, file, refuse);
}

function withRevision(named: ModelRef, revision: string, refuse: Refuse): ModelRef {
  if (revision === "") throw refuse("the revision is empty");
  if (named.revision !== null && named.revision !== revision)
    throw refuse(`it names two revisions, ${named.revision} and ${revision}`);
  return { ...named, revision };
}

function withFile(named: ModelRef, file: string, refuse: Refuse): ModelRef {
  if (named.label !== null) throw refuse(`it names both a quantization, ${named.label}, and a file, ${file}`);
  return { ...named, file };
}

/** Add the file of `?show_file_info=`. Throws for any parameter that is not known to name nothing. */
function withFileParameter(named: ModelRef, { searchParams }: URL, refuse: Refuse): ModelRef {
  const unknown = [...searchParams.keys()].find(
    (key) => key !== FILE_PARAMETER && !SILENT_PARAMETERS.test(key),
  );
  if (unknown !== undefined)
    throw refuse(
      /^[\w.-]{1,32}$/.test(unknown) ? `its ?${unknown}= is not understood` : "its query is not understood",
      "leave out the part after ?",
    );
  const files = new Set(searchParams.getAll(FILE_PARAMETER).filter((file) => file !== ""));
  const [file, ...others] = files;
  if (file === undefined) return named;
  const isOther = named.file !== null && named.file !== file && !file.startsWith(`${named.file}/`);
  if (others.length > 0 || isOther) throw refuse("it names two files");
  if (hasControls(file)) throw refuse("it contains control characters");
  return withFile(named, file, refuse);
}

export function hasControls(text: string): boolean {
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
