/** Names and messages from files and servers, made safe and short enough to print. */

/** C0 and C1 controls and DEL, line separators, bidirectional overrides and isolates. */
// eslint-disable-next-line no-control-regex -- these are what is replaced
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Show control characters, among them escape sequences, and marks that reorder a line as `\u{1b}`. */
export function makePrintable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Of these, our own lines have line ends and the colors of chalk: `\u{1b}[31m`. */
// eslint-disable-next-line no-control-regex -- chalk writes it
const OURS = /\n|\u001b\[\d{1,2}m/y;

/**
 * Make lines safe for a terminal and for the log of a CI system: no control characters, and nothing that GitHub's runner
 * takes for a command: `::error::` at the start of a line, `##[error]` anywhere (actions/runner, ActionCommand.cs).
 */
export function makeSafe(lines: string): string {
  return lines
    .replace(UNPRINTABLE, (character, index: number) => {
      OURS.lastIndex = index;
      return OURS.test(lines) ? character : escapeCharacter(character);
    })
    .replace(/^(\s*):(?=:)/gm, "$1\\u{3a}")
    .replace(/##(?=\[)/g, "#\\u{23}");
}

/** Split quantizations into their family, for a header, and their names; the names keep a family that not all share. */
export function splitFamily(quantizations: readonly string[]): { family: string; names: string[] } {
  const [first = ""] = quantizations;
  const family = first.slice(0, first.indexOf(":") + 1);
  return quantizations.every((name) => name.startsWith(family))
    ? { family: family.slice(0, -1), names: quantizations.map((name) => name.slice(family.length)) }
    : { family: "", names: [...quantizations] };
}
