/** The one request that most models take: their commit and their files, in one answer. */
import { LlmSizeError } from "../../errors.ts";
import { isModelId } from "../model-id.ts";
import type { HubSummary, RepositoryFile } from "../repository.ts";
import { parseModelInfo } from "./answers.ts";
import type { Hub } from "./hub.ts";
import { MAX_ANSWER_BYTES, orInvalid, parseJson, validateJson } from "./json-answer.ts";
import { validateId } from "./validate.ts";

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
    const received = await hub.request(url, { label, maxBytes: MAX_ANSWER_BYTES, validate: validateJson });
    const info = parseModelInfo(parseJson(received));
    const problem = validateId(info.id, id, received);
    if (problem !== null) throw new TypeError(problem);
    return info;
  });
  if (answer.disabled) throw new LlmSizeError("MODEL_DISABLED", { model: id });
  const { sha, safetensors, siblings, tags } = answer;
  const files = siblings.flatMap(({ bytes, ...file }) => (bytes === undefined ? [] : [{ ...file, bytes }]));
  const isComplete = files.length > 0 && files.length === siblings.length && files.length <= MAX_SIBLINGS;
  return {
    id: answer.id,
    commit: sha,
    summary: safetensors,
    baseModel: findBaseModel(tags),
    files: isComplete ? files : await requestListing(hub, { model: answer.id, revision: sha }),
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
async function requestListing(
  hub: Hub,
  commit: { model: string; revision: string },
): Promise<RepositoryFile[]> {
  const { listAllFiles } = await import("./listings.ts");
  return listAllFiles(hub, commit);
}
