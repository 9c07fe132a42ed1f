/** Requests to the Hub's API, listings and searches through @huggingface/hub, sent by our own client. Every answer is validated. */
import { listFiles, listModels } from "@huggingface/hub";
import { LlmSizeError } from "../../errors.ts";
import type { Hub } from "./hub.ts";
import { formatLabel, type HubAnswer, type RequestLabel } from "./request.ts";
import { isModelId } from "../model-id.ts";
import type { HubSummary, RepositoryFile } from "../repository.ts";
import { validateId } from "./validate.ts";

/** The largest answers are listings, with some thousand entries per page. */
const MAX_ANSWER_BYTES = 32_000_000;
const MAX_FILES = 100_000;
/** The Hub sends 1,000 files per page. */
const MAX_PAGES = 500;

/** More files than this are listed page by page: then the info may not name them all. */
const MAX_SIBLINGS = 1000;

interface HubModel {
  /** The canonical id, which may differ from the requested one. */
  readonly id: string;
  /** 40 hex digits. */
  readonly commit: string;
  readonly summary: HubSummary | null;
  readonly baseModel: string | null;
  readonly files: readonly RepositoryFile[];
}

/**
 * Return a model at a revision with all its files. One answer has everything of one commit; what a mirror's lacks, and
 * more than a thousand files, are listed at that commit.
 */
export async function requestModel(hub: Hub, id: string, revision: string): Promise<HubModel> {
  const label = { model: id, revision };
  const url = `${hub.settings.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = await orInvalid(hub, label, async () => {
    const asked = hub.request(url, { label, maxBytes: MAX_ANSWER_BYTES, validate: validateJson });
    // Load the schemas while the Hub answers.
    const [received, { parseModelInfo }] = await Promise.all([asked, import("./answers.ts")]);
    const info = parseModelInfo(JSON.parse(new TextDecoder().decode(received.body)));
    const problem = validateId(info.id, id, received);
    if (problem !== null) throw new TypeError(problem);
    return info;
  });
  if (answer.disabled) throw new LlmSizeError("MODEL_DISABLED", { model: id });
  const { sha, safetensors, siblings, tags } = answer;
  const files = siblings.flatMap(({ rfilename, size, blobId, lfs }) =>
    size === undefined ? [] : [{ path: rfilename, bytes: size, hash: lfs?.sha256 ?? blobId }],
  );
  const isComplete = files.length > 0 && files.length === siblings.length && files.length <= MAX_SIBLINGS;
  return {
    id: answer.id,
    commit: sha,
    summary: safetensors && { total: safetensors.total, byDtype: safetensors.parameters },
    baseModel: findBaseModel(tags),
    files: isComplete ? files : await requestListing(hub, answer.id, sha),
  };
}

/**
 * Return the base model of a conversion or a fine-tune, by the tags that the Hub makes of a card: `base_model:quantized:org/name`.
 * Null for adapters and merges, and where several are named.
 */
function findBaseModel(tags: readonly string[]): string | null {
  const named = tags.flatMap((tag) => /^base_model:(?:quantized|finetune):(.+)$/.exec(tag)?.[1] ?? []);
  const [first = null, ...others] = new Set(named);
  return first !== null && others.length === 0 && isModelId(first) ? first : null;
}

/** Return every file of a commit with its size. */
function requestListing(hub: Hub, id: string, commit: string): Promise<RepositoryFile[]> {
  return useLibrary(hub, { model: id, revision: commit }, async (connection) => {
    const files: RepositoryFile[] = [];
    let entries = 0;
    const listed = { repo: id, revision: commit, recursive: true };
    for await (const entry of listFiles({ ...connection, ...listed })) {
      const { parseListedFile } = await import("./answers.ts");
      const { type, path, size, oid, lfs } = parseListedFile(entry);
      if (type === "file") files.push({ path, bytes: size, hash: lfs?.oid ?? oid });
      if (++entries > MAX_FILES) throw new TypeError(`it lists more than ${MAX_FILES} files and folders`);
    }
    return files;
  });
}

/** Return models whose names contain `query`, most downloaded first. */
export function requestSearch(hub: Hub, query: string): Promise<{ id: string; downloads: number }[]> {
  return useLibrary(hub, { model: query }, async (connection) => {
    const found: { id: string; downloads: number }[] = [];
    const search = { search: { query }, sort: "downloads", limit: 100 } as const;
    for await (const model of listModels({ ...connection, ...search })) {
      const { parseFoundModel } = await import("./answers.ts");
      const { name, downloads } = parseFoundModel(model);
      found.push({ id: name, downloads });
    }
    return found;
  });
}

/** Return a fetch for the library that sends its requests through our client: bounded, and only to the endpoint. */
function apiFetch(hub: Hub, label: RequestLabel): typeof fetch {
  const { endpoint } = hub.settings;
  let pages = 0;
  return async (input) => {
    if (++pages > MAX_PAGES) throw new TypeError(`it has more than ${MAX_PAGES} pages`);
    const url = new URL(input instanceof Request ? input.url : input);
    // A mirror passes on the address of the next page with the Hub's own host.
    const address =
      url.origin === "https://huggingface.co" ? `${endpoint}${url.pathname}${url.search}` : url.href;
    const { body, status, headers } = await hub.request(address, {
      label,
      maxBytes: MAX_ANSWER_BYTES,
      validate: validateJson,
    });
    // The parts that the library uses. A real Response would load node's fetch, which takes longer than the answer.
    const answer = {
      ok: true,
      status,
      headers,
      json: async () => JSON.parse(new TextDecoder().decode(body)) as unknown,
    };
    return answer as unknown as Response;
  };
}

function validateJson({ headers, body }: HubAnswer): string | null {
  const type = headers.get("content-type") ?? "untyped";
  if (!/\bjson\b/.test(type)) return `it is ${type}, not JSON`;
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    // Seen once for a rate limit: an error with status 200.
    return answer !== null && typeof answer === "object" && "error" in answer ? "it is an error" : null;
  } catch {
    return "it is not JSON";
  }
}

/** Use the library over our own client. */
function useLibrary<Result>(
  hub: Hub,
  label: RequestLabel,
  work: (connection: { hubUrl: string; fetch: typeof fetch }) => Promise<Result>,
): Promise<Result> {
  return orInvalid(hub, label, () => work({ hubUrl: hub.settings.endpoint, fetch: apiFetch(hub, label) }));
}

/** Throw HUB_ANSWER_INVALID where the work breaks: on an answer of the wrong shape. */
async function orInvalid<Result>(
  hub: Hub,
  label: RequestLabel,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LlmSizeError) throw error;
    const reason = error instanceof Error ? error.message : "it is malformed";
    const context = { host: hub.host, what: formatLabel(label), reason };
    throw new LlmSizeError("HUB_ANSWER_INVALID", context, { cause: error });
  }
}
