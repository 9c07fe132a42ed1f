import type { ExitCode } from "../../errors.ts";
import { measureReferences, type PlanMemory } from "../../api/measure.ts";
import { renderReport } from "../../render/render.ts";
import type { CompareOptions } from "./compare.ts";
import { hasMemoryOptions, readConditions, type MemoryOptions } from "../memory-options.ts";
import { chooseQuantizations } from "../quantizations.ts";
import { collect, giveListTime, listReferences } from "../references.ts";
import { judgeExit, type Session } from "../session.ts";

/** Measures models and prints them side by side, or each on a line as soon as it is measured. */
export async function runCompare(
  words: readonly string[],
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const sources = await session.openSources(giveListTime(options));
  const references = await listReferences(words, options, sources, session);
  const measurement = {
    sources,
    quantizations: await chooseQuantizations(options),
    withBase: options.base ?? true,
    ...(hasMemoryOptions(options) && { planMemory: await preparePlan(options) }),
  };
  if (options.format === "ndjson") {
    const { streamModels } = await import("../stream-models.ts");
    return streamModels(references, measurement, options, session);
  }

  const report = await session.watch(async (hooks) =>
    measureReferences(await collect(references), { ...measurement, ...hooks }),
  );
  session.print(await renderReport(report, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}

/** How caches are described is loaded only where a context is asked for. */
async function preparePlan(options: MemoryOptions): Promise<PlanMemory> {
  const { planMemory } = await import("../../memory/memory-plan.ts");
  const request = { ...readConditions(options), devices: [], connections: [] };
  return (subject) => planMemory(subject, request);
}
