import type { Report } from "../contract/types.ts";

/** Render one JSON document. */
export function renderJson(document: object): string {
  return escapeForTerminals(JSON.stringify(document, null, 2));
}

/** Render a line per model and per failure; only a failure has a `code`. Every line also gets the keys of `more`. */
export function renderNdjson(
  { models, failures }: Pick<Report, "models" | "failures">,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return [...models, ...failures]
    .map((line) => escapeForTerminals(JSON.stringify({ ...line, ...more })))
    .join("\n");
}

/**
 * Escape what JSON.stringify leaves but a terminal obeys, since it escapes only characters below U+0020, and what GitHub's
 * runner obeys: `##[error]`.
 */
function escapeForTerminals(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?<=#)#(?=\[)/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
