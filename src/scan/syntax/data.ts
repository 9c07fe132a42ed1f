/** YAML and TOML → values with their places. */
import { parse as parseTomlText, type TomlTable } from "smol-toml";
import yaml, { type Node, type Scalar } from "yaml";
import { OTHER, type Entry, type Value } from "./program.ts";
import { MAX_DEPTH, SkipError } from "./read-tree.ts";

/** Parse the documents of a YAML file. What is malformed is left out. */
export function parseYaml(text: string): Value[] {
  return yaml
    .parseAllDocuments(text, { logLevel: "silent", strict: false, uniqueKeys: false })
    .map(({ contents }) => readYaml(contents, text));
}

function readYaml(node: Node | null, text: string, depth = 0): Value {
  if (depth > MAX_DEPTH) return OTHER;
  if (yaml.isScalar(node)) {
    if (typeof node.value !== "string") return { kind: "other", code: String(node.value) };
    return readScalar(node.value, text, node);
  }
  if (yaml.isSeq(node))
    return { kind: "list", items: node.items.map((item) => readYaml(item as Node, text, depth + 1)) };
  if (!yaml.isMap(node)) return OTHER;
  const entries = node.items.map(({ key, value }): Entry => {
    const name = yaml.isScalar(key) ? String(key.value) : "";
    const [keyAt] = yaml.isScalar(key) ? (key.range ?? []) : [];
    return {
      key: name,
      ...(keyAt !== undefined && { keyAt }),
      value: readYaml(value as Node | null, text, depth + 1),
    };
  });
  return { kind: "record", entries };
}

/** A text over several lines is taken as it stands in the file, so that offsets within it lead to the right line. */
function readScalar(value: string, text: string, { range, type }: Scalar): Value {
  const [from = 0, to = from] = range ?? [];
  const written = text.slice(from, to);
  if (type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE" || !written.includes("\n"))
    return { kind: "text", text: value, at: from + (/^["']/.test(written) ? 1 : 0) };
  const [mark = ""] = type === "PLAIN" ? [] : (/^[^\n]*\n\s*/.exec(written) ?? []);
  const block = written.slice(mark.length);
  const isOneLine = type !== "BLOCK_LITERAL";
  return { kind: "text", text: isOneLine ? block.replaceAll(/[\r\n]/g, " ") : block, at: from + mark.length };
}

/** Parse TOML. Throws SkipError for malformed text. */
export function parseToml(text: string): Value {
  let table: TomlTable;
  try {
    table = parseTomlText(text);
  } catch {
    throw new SkipError("it is not TOML");
  }
  return new TomlReader(text).read(table);
}

/** The parser does not keep places, so each text is looked up: the n-th of the same text is the n-th in the file. */
class TomlReader {
  readonly #next = new Map<string, number>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(value: unknown, depth = 0): Value {
    if (depth > MAX_DEPTH) return OTHER;
    if (typeof value === "string") return { kind: "text", text: value, at: this.#find(value) };
    if (Array.isArray(value)) return { kind: "list", items: value.map((item) => this.read(item, depth + 1)) };
    if (typeof value !== "object" || value === null || value instanceof Date) return OTHER;
    const entries = Object.entries(value).map(([key, inner]): Entry => ({
      key,
      value: this.read(inner, depth + 1),
    }));
    return { kind: "record", entries };
  }

  #find(value: string): number {
    const [line = ""] = value.split("\n");
    const found = line === "" ? -1 : this.#text.indexOf(line, this.#next.get(line) ?? 0);
    if (found === -1) return 0;
    this.#next.set(line, found + line.length);
    return found;
  }
}
