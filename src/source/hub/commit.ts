import { LlmSizeError } from "../../errors.ts";
import { isModelId } from "../model-id.ts";
import { isCommitId } from "../repository.ts";
import type { Hub } from "./hub.ts";
import { validateId } from "./validate.ts";

const MAX_ANSWER_BYTES = 100_000;

/**
 * Return the commit of a revision: the one small request of a run whose files are cached. It uses neither the Hub's
 * library nor schemas, which take longer to load than the answer to arrive.
 */
export async function requestCommit(hub: Hub, id: string, revision: string): Promise<Answer> {
  const label = { model: id, revision };
  const url = `${hub.settings.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}?expand[]=sha&expand[]=disabled`;
  const { body } = await hub.request(url, {
    label,
    maxBytes: MAX_ANSWER_BYTES,
    validate(received) {
      const parsed = parseAnswer(received.body);
      return parsed ? validateId(parsed.id, id, received) : "it lacks a valid id and commit";
    },
  });
  const answer = parseAnswer(body);
  if (!answer || answer.disabled) throw new LlmSizeError("MODEL_DISABLED", { model: id });
  return answer;
}

interface Answer {
  readonly id: string;
  readonly commit: string;
  readonly disabled: boolean;
}

function parseAnswer(body: Uint8Array): Answer | null {
  try {
    const { id, sha, disabled } = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    return typeof id === "string" && isModelId(id) && typeof sha === "string" && isCommitId(sha)
      ? { id, commit: sha, disabled: disabled === true }
      : null;
  } catch {
    return null; // no JSON, or not an object
  }
}
