/** Budgets and lock files on this disk. */
import { appendFile, readFile } from "node:fs/promises";
import { relative } from "node:path";
import { lilconfig, type Loaders } from "lilconfig";
import { LlmSizeError } from "../errors.ts";
import { writeWhole } from "./atomic-write.ts";

const NAME = "llm-size";
const ENDINGS = ["json", "js", "mjs", "cjs", "ts", "yaml", "yml"];

export interface FoundConfig {
  /** As an error names it. */
  readonly file: string;
  readonly value: unknown;
}

const readYaml: Loaders[string] = async (_, text) => (await import("./yaml.ts")).parseYaml(text) as unknown;

/**
 * Finds the budgets: the file that is named, else the `llm-size` key of package.json or `llm-size.config.*`, here or in
 * a folder above. Null when there is none; throws CONFIG_INVALID when there is one that cannot be read.
 */
export async function findBudgetConfig(named: string | null): Promise<FoundConfig | null> {
  const search = lilconfig(NAME, {
    searchPlaces: ["package.json", ...ENDINGS.map((ending) => `${NAME}.config.${ending}`)],
    loaders: { ".yaml": readYaml, ".yml": readYaml, ".ts": async (path) => readModule(path) },
  });
  try {
    const found = named === null ? await search.search() : await search.load(named);
    if (!found || found.isEmpty) return null;
    return { file: relative("", found.filepath), value: found.config };
  } catch (error) {
    if (error instanceof LlmSizeError) throw error;
    const problem = `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
    throw new LlmSizeError(
      "CONFIG_INVALID",
      { file: named ?? `${NAME}.config`, path: "", problem },
      { cause: error },
    );
  }
}

/** Node reads TypeScript itself since 22.18. */
async function readModule(path: string): Promise<unknown> {
  const module = (await import(path)) as { default?: unknown };
  return module.default;
}

/** The text of a file; null where there is none. Throws CONFIG_INVALID for one that cannot be read. */
export async function readTextFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new LlmSizeError("CONFIG_INVALID", {
      file: path,
      path: "",
      problem: `it cannot be read (${code})`,
    });
  }
}

/** Writes a file whole or not at all. Throws USAGE where the disk refuses. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  await writeWhole(path, text).catch(({ code }: NodeJS.ErrnoException) => {
    throw new LlmSizeError("USAGE", {
      message: `${path} cannot be written (${code})`,
      hint: "check the path",
    });
  });
}

/** Adds to a file that others write to as well, such as GitHub's step summary. */
export async function appendTextFile(path: string, text: string): Promise<void> {
  await appendFile(path, text);
}
