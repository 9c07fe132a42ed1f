import { makePrintable } from "./printable.ts";
import type { UnitSystem } from "./units.ts";
import type { Verdict } from "../contract/types.ts";
import { formatVerdict } from "./verdicts.ts";
import { formatRule } from "./verdicts-markdown.ts";

/** JUnit's XML, which CI systems show as tests: over budget is a failure, what cannot be judged an error. */
export function renderJunit(verdicts: readonly Verdict[], units: UnitSystem): string {
  const count = (outcome: Verdict["outcome"]) =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const counts = `tests="${verdicts.length}" failures="${count("exceeded")}" errors="${count("unknown")}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="llm-size" ${counts}>`,
    `  <testsuite name="budgets" ${counts}>`,
    ...verdicts.map((verdict) => renderCase(verdict, units)),
    "  </testsuite>",
    "</testsuites>",
  ].join("\n");
}

const TAGS = { exceeded: "failure", unknown: "error" } as const;

function renderCase(verdict: Verdict, units: UnitSystem): string {
  const { outcome, reference, rule } = verdict;
  const open = `    <testcase classname="${escapeXml(reference)}" name="${escapeXml(formatRule(verdict))}"`;
  if (outcome === "passed") return `${open}/>`;
  const message = escapeXml(formatVerdict(verdict, units));
  return `${open}>\n      <${TAGS[outcome]} type="${rule}" message="${message}"/>\n    </testcase>`;
}

/** XML 1.0 allows neither most control characters, which are shown instead, nor lone surrogates and U+FFFE, U+FFFF. */
function escapeXml(text: string): string {
  return makePrintable(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
