import { InvalidArgumentError } from "commander";

/** Ways to print verdicts. */
export const REPORTERS = ["text", "markdown", "json", "junit", "github"] as const;
export type ReporterName = (typeof REPORTERS)[number];

export interface Reporter {
  readonly name: ReporterName;
  /** Null for stdout. */
  readonly file: string | null;
}

/** Reads `junit` or `junit:report.xml`. */
export function parseReporter(text: string): Reporter {
  const colon = text.indexOf(":");
  const name = colon === -1 ? text : text.slice(0, colon);
  const file = colon === -1 ? null : text.slice(colon + 1);
  const known = REPORTERS.find((reporter) => reporter === name);
  if (!known) throw new InvalidArgumentError(`It is one of ${REPORTERS.join(", ")}, as in junit:report.xml.`);
  if (file === "") throw new InvalidArgumentError("The file after the colon is missing.");
  return { name: known, file };
}
