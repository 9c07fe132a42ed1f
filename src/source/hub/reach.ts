import { LlmSizeError } from "../../errors.ts";
import type { Deadline } from "./clock.ts";

/** Does what needs the network; where it fails, the failure names the host that it failed at. */
export async function reach<Result>(
  { host }: URL,
  { signal }: Deadline,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TypeError) || signal.aborted) throw error; // fetch fails with no other
    throw new LlmSizeError("HUB_UNREACHABLE", { host, cause: readCause(error) }, { cause: error });
  }
}

/** fetch hides the reason (`ENOTFOUND`) in a chain of causes. */
function readCause(error: unknown): string {
  let deepest = "the connection failed";
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    if ("code" in current && typeof current.code === "string") return current.code;
    deepest = current.message || deepest;
  }
  return deepest;
}
