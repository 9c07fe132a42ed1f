import { startHub } from "../hub/hub.ts";
import { type Case, readCases } from "./case.ts";
import { type CaseResult, runCase } from "./run-case.ts";

/** The Hub's quotas are for callers of minutes; all cases make a thousand requests in one. */
const QUOTAS = { api: 100_000, resolvers: 100_000, pages: 100_000 };

/** Run the cases that pass `isWanted`, each as a folder and through the stand-in Hub where it allows both. */
export async function runAllCases(isWanted: (theCase: Case) => boolean): Promise<CaseResult[]> {
  const hub = await startHub({ quotas: QUOTAS });
  const results: CaseResult[] = [];
  for (const theCase of readCases().filter(isWanted))
    for (const run of theCase.runs ?? (["folder", "hub"] as const))
      results.push(await runCase(theCase, run, hub));
  await hub.close();
  return results;
}
