/** Find models by the variables, keys and named arguments that hold them. */
import type { Find } from "./find.ts";
import { readArgumentDefault, readParameters, type Resolver } from "./resolve.ts";
import { readKeyed } from "./rules/keyed-text.ts";
import { isModelContainer, isOllamaKey, judgeKey } from "./rules/keys.ts";
import { findHosting } from "./rules/look-alikes.ts";
import { isLegacyName, looksLikeModel } from "./rules/name-evidence.ts";
import { lastName, type CodeLanguage, type Entry, type Program, type Value } from "./syntax/program.ts";

/** A program, and what its names stand for. */
export interface Source {
  readonly program: Program;
  /** Null for data. */
  readonly language: CodeLanguage | null;
  readonly resolver: Resolver;
}

/** Keys of a record that describes one thing; other records list names. */
const FIELD =
  /^(?:uses|with|run|runs[-_]on|steps|tag|services|needs|api_?key|base_?url|temperature|max_?tokens|dtype|device|revision|repo(?:sitory)?|name|id|task|version|provider)$/i;

/** Ollama's names may have one part. */
function mayBeOllama(keys: readonly string[], siblings: readonly Entry[]): boolean {
  return (
    isOllamaKey(keys.at(-1) ?? "") ||
    siblings.some(({ value }) => value.kind === "text" && /^ollama$/i.test(value.text))
  );
}

/** Find models at keys, and count the names of hosted APIs there. */
export function findByKeys({ program, resolver, language }: Source) {
  const visited = new Set<number>();
  const finds: Find[] = [];
  /** Where keys that may hold anything hold a model. */
  const weak = new Set<number>();
  let hostedCount = 0;
  const visit = (value: Value, keys: readonly string[], siblings: readonly Entry[], depth = 0): void => {
    if (depth > 12) return;
    switch (value.kind) {
      case "text": {
        if (visited.has(value.at)) return;
        visited.add(value.at);
        if (!/[/:]/.test(value.text) && !isLegacyName(value.text) && !mayBeOllama(keys, siblings)) return;
        const found = readKeyed(value, keys, { siblings, language, resolver });
        if (found) finds.push(found);
        if (found && judgeKey(keys) !== "strong") weak.add(found.at);
        if (!found && judgeKey(keys) !== null && findHosting(value.text) !== null) hostedCount++;
        return;
      }
      case "record": {
        // The keys of a container are names of its own: `MODELS = { small: "org/name" }`, `{ "org/name": { dimensions: 384 } }`.
        const isContainer =
          isModelContainer(keys.at(-1) ?? "") && !value.entries.some(({ key }) => FIELD.test(key));
        for (const { key, value: inner, keyAt } of value.entries) {
          const path = isContainer && inner.kind === "text" ? [...keys, key, "models"] : [...keys, key];
          if (isContainer && keyAt !== undefined && inner.kind !== "text" && looksLikeModel(key))
            visit({ kind: "text", text: key, at: keyAt }, [...keys, "models"], [], depth + 1);
          visit(inner, path, value.entries, depth + 1);
        }
        return;
      }
      case "list":
        // The keys of an item are not names of its own.
        for (const item of value.items)
          visit(item, item.kind === "record" ? [...keys, "item"] : keys, [], depth + 1);
        return;
      case "choice":
        for (const option of value.options) visit(option, keys, siblings, depth + 1);
        return;
      case "call":
        for (const text of resolver.listTexts(value)) visit(text, keys, siblings, depth + 1);
        return;
      default:
    }
  };
  for (const { key, value } of program.bindings) visit(value, [key], []);
  for (const call of program.calls) {
    for (const { key, value } of readParameters(call)) visit(value, [key], []);
    const option = readArgumentDefault(call);
    if (option) visit(option.value, [option.key], call.named);
    for (const { key, value } of call.named) visit(value, [lastName(call.callee), key], call.named);
    for (const value of call.values) if (value.kind === "record") visit(value, [lastName(call.callee)], []);
  }
  for (const record of program.records) visit(record, [], []);
  return { finds, weak, hostedCount };
}
