/** The text files of a codebase: what .gitignore leaves, no links, nothing huge, nothing binary. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { LlmSizeError } from "../errors.ts";
import { decodeText, detectEncoding } from "./text-file.ts";

/** A file of a codebase that may be read. */
export interface CodeFile {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly absolute: string;
}

/** More files than any codebase has. */
const MAX_FILES = 500_000;
/** Deeper folders than any codebase has. */
const MAX_FOLDER_DEPTH = 100;
const MAX_IGNORE_BYTES = 200_000;

/** Never part of a codebase's own files, whether .gitignore has them or not. */
const FOREIGN: ReadonlySet<string> = new Set(
  (
    ".git .hg .svn node_modules bower_components .venv venv site-packages __pycache__ .tox .nox .mypy_cache .pytest_cache " +
    ".ruff_cache .ipynb_checkpoints .next .nuxt .svelte-kit .turbo .cache .gradle .terraform Pods DerivedData .yarn .pnpm-store"
  ).split(" "),
);

/** One .gitignore, whose rules hold for the paths below its folder. */
interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

/**
 * List the files below some paths in their order, each once. A path that is a file is listed whatever .gitignore says.
 * Throws USAGE for a path that does not exist.
 */
export async function* listCodeFiles(
  paths: readonly string[],
  cwd: string,
  accepts: (path: string) => boolean,
): AsyncGenerator<CodeFile> {
  const seen = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const found = await stat(absolute).catch(() => null);
    if (!found)
      throw new LlmSizeError("USAGE", { message: `${path} does not exist`, hint: "name a file or a folder" });
    const files = found.isDirectory() ? walk(await startAt(absolute), accepts) : [absolute];
    for await (const file of files) {
      if (seen.has(file)) continue;
      seen.add(file);
      if (seen.size > MAX_FILES)
        throw new LlmSizeError("USAGE", {
          message: `${path} has more than ${MAX_FILES} files`,
          hint: "name fewer folders",
        });
      yield { path: formatPath(file, cwd), absolute: file };
    }
  }
}

interface Folder {
  readonly path: string;
  readonly rules: readonly Rules[];
  readonly depth: number;
}

/** Start at a folder with the rules of those above it, up to the root of its Git repository. */
async function startAt(path: string): Promise<Folder> {
  const real = await realpath(path);
  const above: string[] = [];
  for (let folder = real; ; folder = dirname(folder)) {
    above.unshift(folder);
    if (await stat(join(folder, ".git")).catch(() => null)) break;
    // Outside of a repository only the folder's own rules hold.
    if (dirname(folder) === folder) return { path: real, rules: [], depth: 0 };
  }
  const rules = await Promise.all([
    readRules(above[0] ?? real, join(".git", "info", "exclude")),
    ...above.slice(0, -1).map((folder) => readRules(folder)),
  ]);
  return { path: real, rules: rules.flat(), depth: 0 };
}

async function readRules(folder: string, name = ".gitignore"): Promise<Rules[]> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > MAX_IGNORE_BYTES) return [];
  const text = decodeText(await readFile(path).catch(() => new Uint8Array()));
  // A pattern of many stars takes a regular expression very long.
  const lines = text.split(/\r?\n/).filter((line) => (line.match(/\*/g)?.length ?? 0) <= 8);
  return [{ folder, ignore: ignore().add(lines) }];
}

async function* walk(folder: Folder, accepts: (path: string) => boolean): AsyncGenerator<string> {
  if (folder.depth > MAX_FOLDER_DEPTH) return;
  const entries = await readdir(folder.path, { withFileTypes: true }).catch(() => []);
  const rules = entries.some(({ name }) => name === ".gitignore")
    ? [...folder.rules, ...(await readRules(folder.path))]
    : folder.rules;
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder.path, entry.name);
    // Links are not followed: they may lead out of the codebase, or back into it.
    if (entry.isDirectory()) {
      if (FOREIGN.has(entry.name) || isIgnored(`${path}${sep}`, rules)) continue;
      yield* walk({ path, rules, depth: folder.depth + 1 }, accepts);
    } else if (entry.isFile() && accepts(entry.name) && !isIgnored(path, rules)) yield path;
  }
}

/** The last rule that matches counts, and those of deeper folders come later. */
function isIgnored(path: string, rules: readonly Rules[]): boolean {
  let isOut = false;
  for (const { folder, ignore: matcher } of rules) {
    const name = path.slice(folder.length + 1).replaceAll(sep, "/");
    const { ignored, unignored } = matcher.test(name);
    isOut = (isOut || ignored) && !unignored;
  }
  return isOut;
}

function formatPath(path: string, cwd: string): string {
  return relative(cwd, path).replaceAll(sep, "/");
}

/**
 * Read the text of a file, unless it is larger than `maxBytes` or binary; then say why. A codebase has thousands of small
 * files, which are read three times as fast without a promise for each step.
 */
export function readCodeFile(
  { absolute }: CodeFile,
  maxBytes: number,
): { readonly text: string } | { readonly skipped: string | null } {
  let file: number;
  try {
    // A pipe that took the place of the file must not be waited for.
    file = openSync(absolute, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    return { skipped: "it cannot be read" };
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { skipped: "it cannot be read" };
    if (found.size > maxBytes) return { skipped: `it is larger than ${maxBytes / 1_000_000} MB` };
    const bytes = readFileSync(file);
    const isBinary = detectEncoding(bytes) === "utf-8" && bytes.subarray(0, 8000).includes(0);
    return isBinary ? { skipped: null } : { text: decodeText(bytes) };
  } catch {
    return { skipped: "it cannot be read" };
  } finally {
    closeSync(file);
  }
}
