/** Shell scripts → commands and assignments, word by word. Nothing is expanded but the script's own variables. */
import type { Text } from "./program.ts";

export interface Command {
  /** The words of a command, with the assignments before it. */
  readonly words: readonly Text[];
}

/** More words than any command has. */
const MAX_WORDS = 100_000;

/** Characters that end a command. */
const ENDS: ReadonlySet<string> = new Set(["\n", ";", "&", "|", "(", ")", "`", "{", "}"]);

/** Split a script into commands. Offsets begin at `start`. */
export function splitShell(script: string, start = 0): Command[] {
  const commands: Command[] = [];
  let words: Text[] = [];
  let count = 0;
  let position = 0;
  const end = () => {
    if (words.length > 0) commands.push({ words });
    words = [];
  };
  while (position < script.length && count < MAX_WORDS) {
    const character = script[position] ?? "";
    if (character === "\\" && /^\\\r?\n/.test(script.slice(position, position + 3))) {
      position += script[position + 1] === "\r" ? 3 : 2;
    } else if (character === "#") {
      const line = script.indexOf("\n", position);
      position = line === -1 ? script.length : line;
    } else if (/[ \t\r]/.test(character)) {
      position++;
    } else if (ENDS.has(character) && !(character === "{" && words.length > 0)) {
      // `MODELS=(` holds words of its own.
      const last = words.at(-1);
      if (character !== "(" || !last?.text.endsWith("=")) end();
      position++;
    } else {
      const word = readWord(script, position);
      words.push({ kind: "text", text: word.text, at: start + word.at });
      position = Math.max(word.to, position + 1);
      count++;
    }
  }
  end();
  return commands;
}

/** Read a word: quotes are dropped, `${{ … }}` and `${…}` are kept whole. */
function readWord(script: string, from: number) {
  let text = "";
  let quote = "";
  let position = from;
  // The place of a quoted word, or of a quoted value: `MODEL="org/name"`.
  let at = from;
  for (; position < script.length; position++) {
    const character = script[position] ?? "";
    if (quote === "" && /[\s;&|()`]/.test(character)) break;
    if (character === quote) {
      quote = "";
    } else if (quote === "" && /["']/.test(character)) {
      if (text === "") at = position + 1;
      quote = character;
    } else if (character === "$" && script[position + 1] === "{" && quote !== "'") {
      const close = script.startsWith("${{", position) ? "}}" : "}";
      const found = script.indexOf(close, position);
      const to = found === -1 || found - position > 300 ? position + 2 : found + close.length;
      text += script.slice(position, to);
      position = to - 1;
    } else if (character === "\\" && quote !== "'" && position + 1 < script.length) {
      position++;
      const next = script[position] ?? "";
      if (next === "\n" && quote === "") break;
      text += next;
    } else {
      text += character;
    }
  }
  return { text, at, to: position };
}

/** A variable that a script sets: `MODEL=org/name`, `export MODEL="org/name"`. */
export interface Assignment {
  readonly key: string;
  readonly values: readonly Text[];
}

const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;

/** List what a command assigns: before it, or as `export` and `MODELS=(…)` do. */
export function listAssignments({ words }: Command): Assignment[] {
  const [first] = words;
  if (!first) return [];
  if (first.text === "for" && words[2]?.text === "in")
    return [{ key: words[1]?.text ?? "", values: words.slice(3) }];
  const isDeclaration = /^(?:export|local|declare|readonly|typeset|set|ENV|ARG|env)$/.test(first.text);
  const assignments: Assignment[] = [];
  for (const [index, word] of words.entries()) {
    const [whole, key] = ASSIGNMENT.exec(word.text) ?? [];
    if (whole === undefined || key === undefined) {
      if (!isDeclaration && !word.text.startsWith("-")) break;
      continue;
    }
    if (word.text === whole) return [...assignments, { key, values: words.slice(index + 1) }];
    assignments.push({ key, values: [cutWord(word, whole.length)] });
  }
  return assignments;
}

/** The rest of a word after its first characters, such as the value of an option. */
export function cutWord({ text, at }: Text, length: number): Text {
  return { kind: "text", text: text.slice(length), at: at + length };
}

/** `$MODEL`, `${MODEL}`, `${MODEL:-org/name}`, and `{{MODEL}}` of just. */
const VARIABLE = /^(?:\$\{(\w+)(?::?[-=]([^}]*))?\}|\$(\w+)|\{\{(\w+)\}\})$/;

/** List what a word may be, with the variables of the script put in; itself where none is known. */
export function expandWord(word: Text, variables: ReadonlyMap<string, readonly Text[]>): readonly Text[] {
  const found = VARIABLE.exec(word.text);
  if (found) {
    const [, braced, fallback, bare, just] = found;
    const known = variables.get(braced ?? bare ?? just ?? "") ?? [];
    if (known.length > 0) return known;
    if (fallback === undefined) return [word];
    return [{ kind: "text", text: fallback, at: word.at + word.text.indexOf(fallback) }];
  }
  const [part] = word.text.match(/\$(?:\{\w+\}|\w+)|\{\{\w+\}\}/g) ?? [];
  if (part === undefined) return [word];
  const options = variables.get(part.replaceAll(/[${}]/g, "")) ?? [];
  const offset = word.text.indexOf(part);
  // The place is that of the value, which stands somewhere else.
  return options.length === 0
    ? [word]
    : options.map(({ text, at }) => ({
        kind: "text",
        text: word.text.replace(part, () => text),
        at: at - offset,
      }));
}
