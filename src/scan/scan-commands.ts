/** Commands → the models that they load. */
import { findInWords } from "./find-in-words.ts";
import type { Find } from "./find.ts";
import { NO_NAMES, type TextSource } from "./resolve.ts";
import { readKeyed } from "./rules/keyed-text.ts";
import type { Text, Value } from "./syntax/program.ts";
import { cutWord, expandWord, listAssignments, splitShell } from "./syntax/shell.ts";

export type Variables = ReadonlyMap<string, readonly Text[]>;

/** Scan a script, or the lines of one that stand in another file. */
export function scanShell(script: string, start = 0, known: Variables = new Map()): Find[] {
  const commands = splitShell(script, start);
  const variables = new Map<string, readonly Text[]>(known);
  const finds: Find[] = [];
  for (const command of commands)
    for (const { key, values } of listAssignments(command)) {
      const expanded = values.flatMap((value) => expandWord(value, variables));
      variables.set(key, expanded);
      if (command.words[0]?.text !== "for")
        finds.push(...expanded.flatMap((value) => scanVariable(key, value)));
    }
  for (const { words } of commands) {
    const options = words.map((word) => expandWord(word, variables));
    const longest = Math.min(Math.max(...options.map(({ length }) => length)), 32);
    for (let index = 0; index < longest; index++)
      finds.push(
        ...findInWords(options.flatMap((choice) => choice[Math.min(index, choice.length - 1)] ?? [])),
      );
  }
  return finds;
}

const NO_VARIABLES: Variables = new Map();

/** Scan a variable of a script, of an `.env` file or of a container. Some hold several models. */
export function scanVariable(key: string, written: Text): Find[] {
  const [value = written] = expandWord(written, NO_VARIABLES);
  const context = { siblings: [], resolver: NO_NAMES, language: null };
  const found = readKeyed(value, [key], context);
  if (found) return [found];
  if (!value.text.includes(",")) return [];
  let at = 0;
  return value.text.split(",").flatMap((part) => {
    // `name=org/name` of LORA_ADAPTERS.
    const skip =
      part.length - part.trimStart().length + (/^\s*[\w-]+=/.exec(part)?.[0].trimStart().length ?? 0);
    const item = cutWord({ ...value, text: value.text.slice(0, at + part.length) }, at + skip);
    at += part.length + 1;
    return readKeyed({ ...item, text: item.text.trim() }, [key], context) ?? [];
  });
}

/** Longer lists are no commands. */
const MAX_WORDS = 200;

/** Scan a list of arguments as code and containers write them: `["vllm", "serve", "org/name"]`. */
export function findInArguments(list: readonly Value[], resolver: TextSource = NO_NAMES): Find[] {
  const words = list.slice(0, MAX_WORDS).map((item): Text => {
    const [only, ...more] = resolver.listTexts(item);
    return only && more.length === 0 ? only : { kind: "text", text: "", at: -1 };
  });
  return findInWords(words);
}
