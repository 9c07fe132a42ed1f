import type { ExitCode } from "../errors.ts";
import { measureReferences } from "../measure.ts";
import { renderReport } from "../report/render.ts";
import type { CompareOptions } from "./compare.ts";
import { chooseQuantizations } from "./quantizations.ts";
import { judgeExit, type Session } from "./session.ts";

/** Measures models and prints them side by side. */
export async function runCompare(
  words: readonly string[],
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const sources = await session.openSources(options);
  const references = words.map((word) => session.parse(word, sources));
  const { quantizations, scheme } = await chooseQuantizations(options);
  const report = await session.watch((hooks) =>
    measureReferences(references, {
      sources,
      quantizations,
      scheme,
      withBase: options.base ?? true,
      ...hooks,
    }),
  );
  session.print(await renderReport(report, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}
