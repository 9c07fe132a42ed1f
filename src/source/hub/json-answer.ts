/** Answers of the Hub's API: JSON of a bounded size. */
import { LlmSizeError } from "../../errors.ts";
import type { Hub } from "./hub.ts";
import { formatLabel, type HubAnswer, type RequestLabel } from "./request.ts";

/** The largest answers are listings, with some thousand entries per page. */
export const MAX_ANSWER_BYTES = 32_000_000;

export function parseJson({ body }: Pick<HubAnswer, "body">): unknown {
  return JSON.parse(new TextDecoder().decode(body)) as unknown;
}

/** Return what is wrong with an answer that has to be JSON. */
export function validateJson({ headers, body }: HubAnswer): string | null {
  const type = headers.get("content-type") ?? "untyped";
  if (!/\bjson\b/.test(type)) return `it is ${type}, not JSON`;
  try {
    const answer = parseJson({ body });
    // Seen once for a rate limit: an error with status 200.
    return answer !== null && typeof answer === "object" && "error" in answer ? "it is an error" : null;
  } catch {
    return "it is not JSON";
  }
}

/** Throw HUB_ANSWER_INVALID where the work breaks: on an answer of the wrong shape. */
export async function orInvalid<Result>(
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
