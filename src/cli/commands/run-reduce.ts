import type { ExitCode } from "../../errors.ts";
import { listSchemesFor } from "../../quant/registry.ts";
import { describeReduceRequest, reduceReference } from "../../api/reduce.ts";
import { renderReduction } from "../../render/reduction.ts";
import { chooseQuantizations, readSchemeOptions } from "../quantizations.ts";
import type { ReduceOptions } from "./reduce.ts";
import { judgeExit, type Session } from "../session.ts";

export async function runReduce(word: string, options: ReduceOptions, session: Session): Promise<ExitCode> {
  // The sizes of a whole family are rows of their own: too many to be columns of every table.
  const { for: runtime, ...withoutFamily } = options;
  const quantizations = await chooseQuantizations(withoutFamily);
  const scheme = readSchemeOptions(options);
  const { only: techniques, rank: ranks, tasks, apply: recipe } = options;
  const sources = await session.openSources(options);
  const reference = session.parse(word, sources);
  const request = describeReduceRequest({
    quantizations,
    family: runtime === undefined ? [] : listSchemesFor(runtime, scheme),
    scheme,
    techniques,
    ranks,
    tasks,
    student: options.student === undefined ? null : session.parse(options.student, sources),
    recipe,
  });
  const report = await session.watch((hooks) => reduceReference(reference, sources, request, hooks));
  session.print(renderReduction(report, options.format ?? "text", await session.look(options)));
  const { model, failures } = report;
  await session.remark({ models: [model, report.student].filter((one) => one !== null), failures }, options);
  return judgeExit({ failures, verdicts: [] });
}
