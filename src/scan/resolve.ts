/** Follow names to the texts that they stand for in the same file. */
import {
  lastName,
  startProgram,
  type Call,
  type Entry,
  type Program,
  type Scope,
  type Text,
  type Value,
} from "./syntax/program.ts";

/** More values of one name are not a choice but a list of something else. */
const MAX_TEXTS = 64;
const MAX_STEPS = 12;

/** Calls that return their default: `os.getenv("MODEL", "org/name")`, `args.get("model", "org/name")`. */
const DEFAULTS: ReadonlyMap<string, number> = new Map([
  ["getenv", 1],
  ["get", 1],
  ["setdefault", 1],
  ["env", 1],
  ["get_env", 1],
  ["config", 1],
]);

/** Calls whose first argument, or whose `default`, is the value of a field: `Field("org/name")`, `typer.Option("org/name")`. */
const FIELDS: ReadonlySet<string> = new Set([
  "Field",
  "field",
  "Option",
  "Argument",
  "String",
  "str",
  "Path",
  "HfArg",
  "default",
  "Literal",
]);

/** A value of a name, and where the name is bound to it. */
interface Bound {
  readonly value: Value;
  readonly scope: Scope;
}

interface Search {
  readonly steps: number;
  /** Names that were followed on the way. */
  readonly seen: ReadonlySet<string>;
  /** Where the name is used. */
  readonly scope: Scope;
}

/**
 * Group the values of a name, the nearest first: those bound in the most classes and functions in common, as fields of a
 * class are; of these first the ones that are visible.
 */
function rankByScope(bounds: readonly Bound[], scope: Scope): readonly (readonly Bound[])[] {
  const byRank = new Map<number, Bound[]>();
  for (const bound of bounds) {
    const different = bound.scope.findIndex((start, index) => scope[index] !== start);
    const rank = different === -1 ? 2 * bound.scope.length + 1 : 2 * different;
    byRank.set(rank, [...(byRank.get(rank) ?? []), bound]);
  }
  return [...byRank].toSorted(([a], [b]) => b - a).map(([, group]) => group);
}

/** Reads the texts of values at one place of a program. */
export interface TextSource {
  listTexts(value: Value | undefined): readonly Text[];
}

export class Resolver {
  readonly #bindings = new Map<string, Bound[]>();

  constructor({ bindings, records, calls }: Pick<Program, "bindings" | "records" | "calls">) {
    for (const { key, value, scope } of bindings) this.#add(key, { value, scope });
    for (const { entries, scope } of records)
      for (const { key, value } of entries) this.#add(key, { value, scope });
    for (const call of calls) {
      for (const { key, value } of readParameters(call)) this.#add(key, { value, scope: call.scope });
      const option = readArgumentDefault(call);
      if (option) this.#add(option.key, { value: option.value, scope: call.scope });
    }
  }

  #add(key: string, bound: Bound): void {
    const values = this.#bindings.get(key) ?? [];
    if (values.length < MAX_TEXTS) values.push(bound);
    this.#bindings.set(key, values);
  }

  /** Return the source of values that are used in a scope. */
  within(scope: Scope): TextSource {
    return { listTexts: (value) => this.listTexts(value, scope) };
  }

  /** List the entries of an object that a name stands for; empty where it is not one. */
  listEntries(name: string, scope: Scope): readonly Entry[] {
    const [nearest = []] = rankByScope(this.#bindings.get(name) ?? [], scope);
    return nearest.flatMap(({ value }) => (value.kind === "record" ? value.entries : []));
  }

  /** List the texts that a value may be; empty where one is not known in this file. */
  listTexts(value: Value | undefined, scope: Scope = []): readonly Text[] {
    const found = value ? this.#collect(value, { steps: MAX_STEPS, seen: new Set(), scope }) : [];
    return [...new Map(found.map((text) => [`${text.at}:${text.text}`, text])).values()].slice(0, MAX_TEXTS);
  }

  #collect(value: Value, { steps, seen, scope }: Search): readonly Text[] {
    if (steps === 0) return [];
    const next = (other: Value) => this.#collect(other, { steps: steps - 1, seen, scope });
    switch (value.kind) {
      case "text":
        return [value];
      case "choice":
        return value.options.slice(0, MAX_TEXTS).flatMap(next);
      case "name":
      case "item": {
        const name = value.kind === "name" ? value.name : value.of;
        if (seen.has(name)) return [];
        const within = new Set([...seen, name]);
        for (const bounds of rankByScope(this.#bindings.get(name) ?? [], scope)) {
          const texts = bounds.flatMap((bound) =>
            (value.kind === "name" ? [bound.value] : listItems(bound.value))
              .slice(0, MAX_TEXTS)
              .flatMap((one) => this.#collect(one, { steps: steps - 1, seen: within, scope: bound.scope })),
          );
          if (texts.length > 0) return texts;
        }
        return [];
      }
      case "joined": {
        const texts = value.parts.map(next);
        const [first] = texts[0] ?? [];
        if (!first || texts.some((options) => options.length !== 1)) return [];
        return [{ kind: "text", text: texts.map(([text]) => text?.text ?? "").join(""), at: first.at }];
      }
      case "call": {
        const { callee, values, named } = value.call;
        const last = lastName(callee);
        const position = DEFAULTS.get(last);
        const given = named.find(({ key }) => key === "default")?.value;
        if (given) return next(given);
        if (position !== undefined) return values[position] ? next(values[position]) : [];
        return FIELDS.has(last) && values[0] ? next(values[0]) : [];
      }
      default:
        return [];
    }
  }
}

/** Knows no name. */
export const NO_NAMES: TextSource = new Resolver(startProgram());

/** Whatever `MODELS[key]` may be. */
function listItems(value: Value): readonly Value[] {
  if (value.kind === "list") return value.items;
  return value.kind === "record" ? value.entries.map((entry) => entry.value) : [];
}

/** `parser.add_argument("--model-id", default="org/name")`; click and typer have the same form. */
export function readArgumentDefault({ callee, values, named }: Call): Entry | null {
  const last = lastName(callee);
  if (!/^(?:add_argument|option|Option|argument)$/.test(last)) return null;
  const names = values.filter((value) => value.kind === "text" && /^(?:--)?[A-Za-z]/.test(value.text));
  const flag = names.findLast((value) => value.kind === "text" && value.text.startsWith("--")) ?? names[0];
  const value = named.find(({ key }) => key === "default")?.value ?? values.find(isDefault);
  return flag?.kind === "text" && value
    ? {
        key: flag.text
          .replace(/^--/, "")
          .replaceAll("-", "_")
          .replace(/[ <].*$/, ""),
        value,
      }
    : null;
}

/** Commander's `.option("--model <name>", "the model", "org/name")`. */
function isDefault(value: Value, index: number): boolean {
  return index >= 2 && value.kind === "text" && !value.text.startsWith("-");
}

/** `pytest.mark.parametrize("checkpoint", ["org/name", "org/other"])` */
export function readParameters({ callee, values: [names, list] }: Call): readonly Entry[] {
  if (lastName(callee) !== "parametrize" || names?.kind !== "text" || list?.kind !== "list") return [];
  const keys = names.text.split(",").map((name) => name.trim());
  return keys.map((key, index) => ({
    key,
    value: {
      kind: "choice",
      options: list.items.flatMap((item) =>
        keys.length === 1 ? [item] : item.kind === "list" ? (item.items[index] ?? []) : [],
      ),
    },
  }));
}
