/** The config file with budgets and devices. */
import { readFile, stat } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { lilconfig, type Loader } from "lilconfig";
import { findDuplicateKeys } from "../contract/json-keys.ts";
import { LlmSizeError } from "../errors.ts";
import { importConfig } from "./config-module.ts";
import { decodeText } from "./text-file.ts";

const NAME = "llm-size";

interface FoundConfig {
  /** The file's path for messages. */
  readonly file: string;
  readonly value: unknown;
}

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

const readJson: Loader = async (path) => {
  const text = await readText(path);
  const value: unknown = JSON.parse(text);
  const isOurs = basename(path) === "package.json" ? /^llm-size(?![\w-])/ : /^/;
  const repeated = findDuplicateKeys(text).find((key) => isOurs.test(key));
  if (repeated !== undefined) throw new Error(`the key ${repeated} is there twice`);
  return value;
};

const readYaml: Loader = async (path) => {
  const { default: yaml } = await import("yaml"); // in a bundle a CommonJS module has only a default export
  const text = await readText(path);
  const parser = new yaml.Parser();
  let tokens = 0;
  for (const token of new yaml.Lexer().lex(text)) {
    if (++tokens > MAX_YAML_TOKENS) throw new Error("it has too many keys and anchors; use JSON");
    for (const _ of parser.next(token)) continue;
    if (parser.stack.length > MAX_YAML_DEPTH) throw new Error("it is nested too deeply");
  }
  return yaml.parse(text, { logLevel: "error" }) as unknown; // it would print warnings itself
};

const LOADERS = {
  json: readJson,
  js: importConfig,
  mjs: importConfig,
  cjs: importConfig,
  ts: importConfig, // Node itself reads it since 22.18
  yaml: readYaml,
  yml: readYaml,
} satisfies Record<string, Loader>;

/**
 * Read the config file: the one that is named, else the `llm-size` key of package.json or `llm-size.config.*` in the
 * working directory or above. Null when there is none. Throws CONFIG_INVALID, with the file, when it cannot be read.
 */
export async function findBudgetConfig(named: string | null, cwd: string): Promise<FoundConfig | null> {
  const nameFile = (path: string) => named ?? relative(cwd, path);
  const endings = Object.entries<Loader>(LOADERS);
  const search = lilconfig(NAME, {
    searchPlaces: ["package.json", ...endings.map(([ending]) => `${NAME}.config.${ending}`)],
    loaders: Object.fromEntries(
      endings.map(([ending, load]): [string, Loader] => [
        `.${ending}`,
        async (path, text) => {
          try {
            await checkFile(path);
            return (await load(path, text)) as unknown;
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
    return !found || found.isEmpty ? null : { file: nameFile(found.filepath), value: found.config };
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
