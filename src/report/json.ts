/** A report as one JSON document; characters that a terminal might act on are escaped. */
export function renderJson(report: object): string {
  return JSON.stringify(report, null, 2).replace(
    // JSON.stringify escapes below U+0020 only.
    /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
