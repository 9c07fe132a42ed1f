/** Follow names to the texts that they stand for in the same file. */
import { lastName, type Call, type Entry, type Program, type Text, type Value } from "./syntax/program.ts";

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

export class Resolver {
  readonly #bindings = new Map<string, Value[]>();

  constructor({ bindings, records, calls }: Pick<Program, "bindings" | "records" | "calls">) {
    for (const { key, value } of [...bindings, ...records.flatMap(({ entries }) => entries)])
      this.#add(key, value);
    for (const call of calls) {
      const option = readArgumentDefault(call);
      if (option) this.#add(option.key, option.value);
    }
  }

  #add(key: string, value: Value): void {
    const values = this.#bindings.get(key) ?? [];
    if (values.length < MAX_TEXTS) values.push(value);
    this.#bindings.set(key, values);
  }

  /** List the texts that a value may be; empty where one is not known in this file. */
  listTexts(value: Value | undefined): readonly Text[] {
    const found = value ? this.#collect(value, MAX_STEPS, new Set()) : [];
    return [...new Map(found.map((text) => [`${text.at}:${text.text}`, text])).values()].slice(0, MAX_TEXTS);
  }

  #collect(value: Value, steps: number, seen: ReadonlySet<string>): readonly Text[] {
    if (steps === 0) return [];
    const next = (other: Value) => this.#collect(other, steps - 1, seen);
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
        const values = this.#bindings.get(name) ?? [];
        const options = value.kind === "name" ? values : values.flatMap((one) => listItems(one));
        return options.slice(0, MAX_TEXTS).flatMap((one) => this.#collect(one, steps - 1, within));
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

/** Whatever `MODELS[key]` may be. */
function listItems(value: Value): readonly Value[] {
  if (value.kind === "list") return value.items;
  return value.kind === "record" ? value.entries.map((entry) => entry.value) : [];
}

/** `parser.add_argument("--model-id", default="org/name")`; click and typer have the same form. */
export function readArgumentDefault({ callee, values, named }: Call): Entry | null {
  const last = lastName(callee);
  if (!/^(?:add_argument|option|Option|argument)$/.test(last)) return null;
  const flag = values.findLast((value) => value.kind === "text" && value.text.startsWith("--"));
  const value = named.find(({ key }) => key === "default")?.value ?? values.find(isDefault);
  return flag?.kind === "text" && value
    ? {
        key: flag.text
          .slice(2)
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
