import type { Report } from "../contract/types.ts";

/** A report as one JSON document. */
export function renderJson(report: object): string {
  return escapeForTerminals(JSON.stringify(report, null, 2));
}

/** A line a model and a line a failure (which alone has a `code`), for reports of many; `more` stands in each. */
export function renderNdjson(
  { models, failures }: Pick<Report, "models" | "failures">,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return [...models, ...failures]
    .map((line) => escapeForTerminals(JSON.stringify({ ...line, ...more })))
    .join("\n");
}

/** JSON.stringify escapes below U+0020 only; a terminal acts on others, too. */
function escapeForTerminals(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
