/** What the Hub tells about a model, through @huggingface/hub and our own requests. Every answer is checked. */
import { listFiles, listModels, modelInfo } from "@huggingface/hub";
import { LlmSizeError } from "../../errors.ts";
import type { Hub } from "./hub.ts";
import { describeSubject, type HubAnswer, type Subject } from "./request.ts";
import type { HubSummary, RepositoryFile } from "../repository.ts";

/** The Hub's answers are small; the largest listings have some thousand entries a page. */
const MAX_ANSWER_BYTES = 32_000_000;
const MAX_FILES = 100_000;

export interface HubModelInfo {
  /** The canonical id, which may differ from the one asked for. */
  readonly id: string;
  /** The commit, 40 hex digits. */
  readonly commit: string;
  /** Of the last change. */
  readonly changedAtMs: number;
  /** The Hub's own totals by stored dtype, where it has any. */
  readonly summary: HubSummary | null;
}

export async function requestModelInfo(hub: Hub, id: string, revision: string): Promise<HubModelInfo> {
  const subject = { model: id, revision };
  const answer = await trustNothing(hub, subject, async () => {
    const asked = modelInfo({
      name: id,
      revision,
      hubUrl: hub.settings.endpoint,
      fetch: apiFetch(hub, subject),
      additionalFields: ["sha", "disabled", "safetensors"],
    });
    // The checks load while the Hub thinks.
    const [info, { parseModelInfo }] = await Promise.all([asked, import("./answers.ts")]);
    return parseModelInfo(info);
  });
  if (answer.disabled) throw new LlmSizeError("MODEL_DISABLED", { model: id });
  const { name, sha, updatedAt, safetensors } = answer;
  return {
    id: name,
    commit: sha,
    changedAtMs: updatedAt.getTime(),
    summary: safetensors && { total: safetensors.total, byDtype: safetensors.parameters },
  };
}

/** Every file of a revision with its size. */
export async function requestListing(hub: Hub, id: string, revision: string): Promise<RepositoryFile[]> {
  const subject = { model: id, revision };
  return trustNothing(hub, subject, async () => {
    const files: RepositoryFile[] = [];
    const entries = listFiles({
      repo: id,
      revision: encodeURIComponent(revision),
      recursive: true,
      hubUrl: hub.settings.endpoint,
      fetch: apiFetch(hub, subject),
    });
    for await (const entry of entries) {
      const { parseListedFile } = await import("./answers.ts");
      const { type, path, size } = parseListedFile(entry);
      if (type === "file") files.push({ path, bytes: size });
      if (files.length > MAX_FILES) throw new TypeError(`it lists more than ${MAX_FILES} files`);
    }
    return files;
  });
}

/** Ids of models whose names hold `query`, most downloaded first. */
export async function requestSearch(hub: Hub, query: string): Promise<{ id: string; downloads: number }[]> {
  const subject = { model: query };
  return trustNothing(hub, subject, async () => {
    const found: { id: string; downloads: number }[] = [];
    const models = listModels({
      search: { query },
      sort: "downloads",
      limit: 100,
      hubUrl: hub.settings.endpoint,
      fetch: apiFetch(hub, subject),
    });
    for await (const model of models) {
      const { parseFoundModel } = await import("./answers.ts");
      const { name, downloads } = parseFoundModel(model);
      found.push({ id: name, downloads });
    }
    return found;
  });
}

/** The library's requests, sent as ours: bounded, with a deadline, and only to the endpoint. */
function apiFetch(hub: Hub, subject: Subject): typeof fetch {
  const { endpoint } = hub.settings;
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    // A mirror passes on the next page's address as the Hub wrote it.
    const address =
      url.origin === "https://huggingface.co" ? `${endpoint}${url.pathname}${url.search}` : url.href;
    const { body, status, headers } = await hub.request(address, {
      subject,
      maxBytes: MAX_ANSWER_BYTES,
      findFlaw: findJsonFlaw,
    });
    // All that the library looks at. A real Response would load node's fetch, which takes longer than the answer.
    const answer = {
      ok: true,
      status,
      headers,
      json: async () => JSON.parse(new TextDecoder().decode(body)) as unknown,
    };
    return answer as unknown as Response;
  };
}

function findJsonFlaw({ headers, body }: HubAnswer): string | null {
  const type = headers.get("content-type") ?? "of no type";
  if (!/\bjson\b/.test(type)) return `it is ${type} where JSON was due`;
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    // Seen once of a rate limit: an error with status 200.
    return answer !== null && typeof answer === "object" && "error" in answer ? "it is an error" : null;
  } catch {
    return "it is not JSON";
  }
}

/** Whatever an answer of the wrong shape breaks is the answer's fault. */
async function trustNothing<Result>(hub: Hub, subject: Subject, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LlmSizeError) throw error;
    throw new LlmSizeError(
      "HUB_ANSWER_INVALID",
      {
        host: hub.host,
        what: describeSubject(subject),
        reason: error instanceof Error ? error.message : "it is malformed",
      },
      { cause: error },
    );
  }
}
