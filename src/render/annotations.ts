import { makePrintable } from "./printable.ts";
import type { UnitSystem } from "./units.ts";
import type { Verdict } from "../contract/types.ts";
import { formatVerdict } from "./verdicts.ts";

/** GitHub's workflow commands: one error a model that did not pass, since only some ten a step are shown. */
export function renderAnnotations(verdicts: readonly Verdict[], units: UnitSystem): string {
  const failed = verdicts.filter(({ outcome }) => outcome !== "passed");
  return [...new Set(failed.map(({ reference }) => reference))]
    .map((reference) => {
      const ofModel = failed.filter((verdict) => verdict.reference === reference);
      const isOver = ofModel.some(({ outcome }) => outcome === "exceeded");
      const title = makePrintable(`${isOver ? "over budget" : "budget not known"}: ${reference}`);
      const message = ofModel.map((verdict) => formatVerdict(verdict, units)).join("\n");
      return `::error title=${escapeProperty(title)}::${escapeMessage(message)}`;
    })
    .join("\n");
}

/** As actions/toolkit has it, packages/core/src/command.ts: the runner undoes it. */
function escapeMessage(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
