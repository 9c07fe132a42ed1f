import type { ExitCode } from "../../errors.ts";
import { explainReference } from "../../api/explain.ts";
import { renderExplanation } from "../../render/explanation.ts";
import type { ExplainOptions } from "./explain.ts";
import { judgeExit, type Session } from "../session.ts";

/** Shows where each number of one model comes from. */
export async function runExplain(word: string, options: ExplainOptions, session: Session): Promise<ExitCode> {
  const sources = await session.openSources(options);
  const reference = session.parse(word, sources);
  const explanation = await session.watch((hooks) => explainReference(reference, sources, hooks));
  session.print(renderExplanation(explanation, options.format ?? "text", await session.look(options)));
  const { model, failures } = explanation;
  await session.remark({ models: model ? [model] : [], failures }, options);
  return judgeExit({ failures, verdicts: [] });
}
