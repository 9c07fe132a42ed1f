/** A list within the Hub's limits for anonymous callers: 500 requests to the API and 3,000 for files per window. */
import { startHub } from "../hub/hub.ts";
import { ours, writeList } from "./contenders.ts";
import { MODELS, serveList } from "./repositories.ts";
import { runProcess } from "./run.ts";

/** The Hub's window is ten times as long. */
const WINDOW_SECONDS = 30;
const API_QUOTA = 500;

export interface LimitedList {
  readonly models: number;
  readonly ms: number;
  /** All windows but the last, and the models of the last one where nothing limits them. */
  readonly allowedMs: number;
  /** Answers with status 429. */
  readonly refusals: number;
}

/** Each model costs one request to the API, which is what runs out first. */
export async function runLimited(latencyMs: number): Promise<LimitedList> {
  const repositories = serveList(MODELS);
  const windowsBefore = Math.ceil(MODELS / API_QUOTA) - 1;
  const unlimited = await startHub({ repositories, latencyMs, quotas: { api: 1e9, resolvers: 1e9 } });
  const last = await runList(MODELS - windowsBefore * API_QUOTA, unlimited.endpoint);
  await unlimited.close();
  const limited = await startHub({ repositories, latencyMs, windowSeconds: WINDOW_SECONDS });
  const { ms } = await runList(MODELS, limited.endpoint);
  const refusals = limited.requests.filter(({ status }) => status === 429).length;
  await limited.close();
  return { models: MODELS, ms, allowedMs: windowsBefore * WINDOW_SECONDS * 1000 + last.ms, refusals };
}

function runList(models: number, endpoint: string): Promise<{ readonly ms: number }> {
  return runProcess(ours(["--from", writeList(models), "--format", "ndjson"], endpoint));
}
