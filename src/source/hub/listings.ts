/** Listings and searches, page by page, through @huggingface/hub, sent by our own client. Every answer is validated. */
import { listFiles, listModels } from "@huggingface/hub";
import type { RepositoryFile } from "../repository.ts";
import { parseFoundModel, parseListedFile } from "./answers.ts";
import type { Hub } from "./hub.ts";
import { MAX_ANSWER_BYTES, orInvalid, parseJson, validateJson } from "./json-answer.ts";
import type { RequestLabel } from "./request.ts";

const MAX_FILES = 100_000;
/** The Hub sends 1,000 files per page. */
const MAX_PAGES = 500;

/** Return every file of a commit with its size. */
export function listAllFiles(
  hub: Hub,
  { model, revision }: { readonly model: string; readonly revision: string },
): Promise<RepositoryFile[]> {
  return useLibrary(hub, { model, revision }, async (connection) => {
    const files: RepositoryFile[] = [];
    let entries = 0;
    for await (const entry of listFiles({ ...connection, repo: model, revision, recursive: true })) {
      const file = parseListedFile(entry);
      if (file) files.push(file);
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
    for await (const model of listModels({ ...connection, ...search })) found.push(parseFoundModel(model));
    return found;
  });
}

/** Return a fetch for the library that sends its requests through our client: bounded, and only to the endpoint. */
function apiFetch(hub: Hub, label: RequestLabel): typeof fetch {
  const { endpoint } = hub.settings;
  let pages = 0;
  return async (input) => {
    if (++pages > MAX_PAGES) throw new TypeError(`it has more than ${MAX_PAGES} pages`);
    const url = new URL(input instanceof URL || typeof input === "string" ? input : input.url);
    // A mirror passes on the address of the next page with the Hub's own host.
    const address =
      url.origin === "https://huggingface.co" ? `${endpoint}${url.pathname}${url.search}` : url.href;
    const { status, headers, ...received } = await hub.request(address, {
      label,
      maxBytes: MAX_ANSWER_BYTES,
      validate: validateJson,
    });
    // The parts that the library uses. A real Response would load node's fetch, which takes longer than the answer.
    const answer = {
      ok: true,
      status,
      headers,
      json: async () => parseJson(received),
    };
    return answer as unknown as Response;
  };
}

/** Use the library over our own client. */
function useLibrary<Result>(
  hub: Hub,
  label: RequestLabel,
  work: (connection: { hubUrl: string; fetch: typeof fetch }) => Promise<Result>,
): Promise<Result> {
  return orInvalid(hub, label, () => work({ hubUrl: hub.settings.endpoint, fetch: apiFetch(hub, label) }));
}
