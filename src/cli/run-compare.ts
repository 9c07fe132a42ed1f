import { LlmSizeError, type ExitCode } from "../errors.ts";
import { measureReferences, type InvalidReference, type PlanMemory } from "../measure.ts";
import { renderReport } from "../report/render.ts";
import type { Sources } from "../source/open.ts";
import type { Reference } from "../source/reference.ts";
import type { CompareOptions } from "./compare.ts";
import { hasMemoryOptions, readConditions, type MemoryOptions } from "./memory-options.ts";
import { chooseQuantizations } from "./quantizations.ts";
import { collect, giveListTime, listReferences } from "./references.ts";
import { judgeExit, type Session } from "./session.ts";

/** Measures models and prints them side by side, or each on a line as soon as it is measured. */
export async function runCompare(
  words: readonly string[],
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const sources = await session.openSources(giveListTime(options));
  for (const word of words) session.parse(word, sources); // a typing error ends it before anything is asked
  const texts = await listReferences(words, options, session);
  const references = parseEach(texts, sources, session);
  const measurement = {
    sources,
    ...(await chooseQuantizations(options)),
    withBase: options.base ?? true,
    ...(hasMemoryOptions(options) && { planMemory: await preparePlan(options) }),
  };
  if (options.format === "ndjson") {
    const { streamModels } = await import("./stream-models.ts");
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
  const { planMemory } = await import("../fit/memory-plan.ts");
  const request = { ...readConditions(options), devices: [], connections: [] };
  return (subject) => planMemory(subject, request);
}

type Item = Reference | InvalidReference;

/** A line of a list that names no model costs only itself. */
async function* parseEach(
  texts: AsyncIterable<string>,
  sources: Sources,
  session: Session,
): AsyncGenerator<Item> {
  for await (const text of texts) {
    try {
      yield session.parse(text, sources);
    } catch (error) {
      if (!(error instanceof LlmSizeError)) throw error;
      yield { kind: "invalid", text, error };
    }
  }
}
