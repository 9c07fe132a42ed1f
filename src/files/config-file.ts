/** The config file with budgets and devices. */
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { lilconfig, type Loader } from "lilconfig";
import { LlmSizeError } from "../errors.ts";
import { decodeText } from "./text-file.ts";

const NAME = "llm-size";

interface FoundConfig {
  /** The file's path for messages. */
  readonly file: string;
  readonly value: unknown;
}

const parseJson = (text: string): unknown => JSON.parse(text);

/** lilconfig decodes every file as UTF-8, so read it again. */
const readJson: Loader = async (path) => parseJson(decodeText(await readFile(path)));

const readYaml: Loader = async (path) => {
  const { default: yaml } = await import("yaml"); // in a bundle a CommonJS module has only a default export
  return yaml.parse(decodeText(await readFile(path))) as unknown;
};

/** Node itself reads TypeScript since 22.18. On Windows only a URL can be imported. */
const importModule: Loader = async (path) => {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return module.default;
};

const LOADERS = {
  json: readJson,
  js: importModule,
  mjs: importModule,
  cjs: importModule,
  ts: importModule,
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
            return (await load(path, text)) as unknown;
          } catch (error) {
            throw unreadable(nameFile(path), error);
          }
        },
      ]),
    ),
  });
  try {
    const found = named === null ? await search.search(cwd) : await search.load(resolve(cwd, named));
    return !found || found.isEmpty ? null : { file: nameFile(found.filepath), value: found.config };
  } catch (error) {
    throw error instanceof LlmSizeError ? error : unreadable(named ?? `${NAME}.config`, error);
  }
}

function unreadable(file: string, error: unknown): LlmSizeError {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const reason = error instanceof Error ? error.message : String(error);
  const problem = isMissing ? "does not exist" : `cannot be read (${reason})`;
  return new LlmSizeError("CONFIG_INVALID", { file, path: "", problem }, { cause: error });
}
