/** The config file with budgets and devices. */
import { readFile, stat } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { lilconfig, type Loader } from "lilconfig";
import type { Document, LineCounter } from "yaml";
import { findDuplicateKeys, findKeyLines, MAX_CONFIG_DEPTH } from "../contract/json-keys.ts";
import { formatPath } from "../contract/json-path.ts";
import { LlmSizeError } from "../errors.ts";
import { importConfig } from "./config-module.ts";
import { decodeText } from "./text-file.ts";

const NAME = "llm-size";

interface FoundConfig {
  /** The file's path for messages. */
  readonly file: string;
  readonly value: unknown;
  /** The line of each key by its path, such as `budgets[0].maxSize`; empty for a file that is code. */
  readonly lines: ReadonlyMap<string, number>;
}

type ReadConfig = (path: string) => Promise<Pick<FoundConfig, "value" | "lines">>;

/** A config of hundreds of models takes 100 kB. */
const MAX_CONFIG_BYTES = 1_000_000;
/** The parser of YAML takes time by the square of keys and anchors: one second for this many words and signs. */
const MAX_YAML_TOKENS = 20_000;
/** A budget is nested four deep. Near the end of the stack V8 does not throw, but aborts, in a regular expression. */
const MAX_YAML_DEPTH = 100;

/** lilconfig decodes every file as UTF-8, so read it again. */
async function readText(path: string): Promise<string> {
  return decodeText(await readFile(path));
}

const readJson: ReadConfig = async (path) => {
  const text = await readText(path);
  const value: unknown = JSON.parse(text);
  const isPackage = basename(path) === "package.json";
  const isOurs = isPackage ? /^llm-size(?![\w-])/ : /^/;
  const repeated = findDuplicateKeys(text).find((key) => isOurs.test(key));
  if (repeated !== undefined) throw new Error(`the key ${repeated} is there twice`);
  const lines = findKeyLines(text);
  if (!isPackage) return { value, lines };
  const ours = [...lines].filter(([key]) => key.startsWith(`${NAME}.`));
  return { value, lines: new Map(ours.map(([key, line]) => [key.slice(NAME.length + 1), line])) };
};

const readYaml: ReadConfig = async (path) => {
  const { default: yaml } = await import("yaml"); // in a bundle a CommonJS module has only a default export
  const text = await readText(path);
  const parser = new yaml.Parser();
  let tokens = 0;
  for (const token of new yaml.Lexer().lex(text)) {
    if (++tokens > MAX_YAML_TOKENS) throw new Error("it has too many keys and anchors; use JSON");
    for (const _ of parser.next(token)) continue;
    if (parser.stack.length > MAX_YAML_DEPTH) throw new Error("it is nested too deeply");
  }
  const counter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: counter });
  const [error] = document.errors;
  if (error) throw error;
  return { value: document.toJS() as unknown, lines: findYamlLines(yaml, document, counter) };
};

function findYamlLines(
  { isMap, isScalar, isSeq }: typeof import("yaml"),
  { contents }: Document.Parsed,
  counter: LineCounter,
): Map<string, number> {
  const lines = new Map<string, number>();
  const read = (node: unknown, path: readonly PropertyKey[]): void => {
    if (path.length === MAX_CONFIG_DEPTH) return;
    if (isSeq(node)) for (const [index, item] of node.items.entries()) read(item, [...path, index]);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key) || !key.range) continue;
      const at = [...path, String(key.value)];
      lines.set(formatPath(at), counter.linePos(key.range[0]).line);
      read(value, at);
    }
  };
  read(contents, []);
  return lines;
}

const readModule: ReadConfig = async (path) => ({ value: await importConfig(path), lines: new Map() });

const READERS = {
  json: readJson,
  js: readModule,
  mjs: readModule,
  cjs: readModule,
  ts: readModule, // Node itself reads it since 22.18
  yaml: readYaml,
  yml: readYaml,
} satisfies Record<string, ReadConfig>;

/**
 * Read the config file: the one that is named, else the `llm-size` key of package.json or `llm-size.config.*` in the
 * working directory or above. Null when there is none. Throws CONFIG_INVALID, with the file, when it cannot be read.
 */
export async function findBudgetConfig(named: string | null, cwd: string): Promise<FoundConfig | null> {
  const nameFile = (path: string) => named ?? relative(cwd, path);
  const endings = Object.entries<ReadConfig>(READERS);
  const lines = new Map<string, FoundConfig["lines"]>();
  const search = lilconfig(NAME, {
    searchPlaces: ["package.json", ...endings.map(([ending]) => `${NAME}.config.${ending}`)],
    loaders: Object.fromEntries(
      endings.map(([ending, read]): [string, Loader] => [
        `.${ending}`,
        async (path) => {
          try {
            await checkFile(path);
            const config = await read(path);
            lines.set(path, config.lines);
            return config.value;
          } catch (error) {
            throw unreadable(nameFile(path), error);
          }
        },
      ]),
    ),
  });
  try {
    if (named !== null) await checkFile(resolve(cwd, named)); // a pipe would be read for ever
    const found = named === null ? await search.search(cwd) : await search.load(resolve(cwd, named));
    if (!found || found.isEmpty) return null;
    const { filepath, config } = found;
    return { file: nameFile(filepath), value: config, lines: lines.get(filepath) ?? new Map() };
  } catch (error) {
    throw error instanceof LlmSizeError ? error : unreadable(named ?? `${NAME}.config`, error);
  }
}

async function checkFile(path: string): Promise<void> {
  const file = await stat(path);
  if (!file.isFile()) throw new Error("it is not a file");
  if (file.size > MAX_CONFIG_BYTES) throw new Error("it is larger than 1 MB");
}

function unreadable(file: string, error: unknown): LlmSizeError {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n"); // YAML adds an excerpt
  const problem = isMissing ? "does not exist" : `cannot be read (${reason})`;
  return new LlmSizeError("CONFIG_INVALID", { file, path: "", problem }, { cause: error });
}
