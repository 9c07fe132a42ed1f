/** Folders of the Hub's cache that were given as a path: `models--org--name` with `refs` and `snapshots`, or all of them. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { listFolder } from "./list-folder.ts";
import { isCommitId, sumBytes } from "./repository.ts";

/**
 * Return the folder of the one model that a folder of the Hub's cache holds, at the commit of `refs/main`; null for any
 * other folder. Throws SEVERAL_MODELS, also for two commits of which no ref names one.
 */
export async function findSnapshot(text: string, path: string): Promise<string | null> {
  const folder = basename(path) === SNAPSHOTS ? dirname(path) : path;
  const own = await listSnapshots(folder);
  if (own.length > 0) return chooseOnly(text, path, own);
  for (const root of [path, join(path, "hub")]) {
    const models = (await listNames(root)).filter((name) => name.startsWith("models--"));
    const found = await Promise.all(models.map((name) => listSnapshots(join(root, name))));
    const snapshots = found.flat();
    if (snapshots.length > 0) return chooseOnly(text, path, snapshots);
  }
  return null;
}

const SNAPSHOTS = "snapshots";

/** List the snapshots of a model: the one of `refs/main`, or else all. */
async function listSnapshots(folder: string): Promise<string[]> {
  const commits = (await listNames(join(folder, SNAPSHOTS))).filter(isCommitId);
  const main = await readFile(join(folder, "refs", "main"), "utf8").catch(() => "");
  const named = commits.filter((commit) => commit === main.trim());
  return (named.length > 0 ? named : commits).map((commit) => join(folder, SNAPSHOTS, commit));
}

function listNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function chooseOnly(text: string, path: string, snapshots: readonly string[]): Promise<string> {
  const [first] = snapshots;
  if (first !== undefined && snapshots.length === 1) return first;
  const candidates = await Promise.all(
    snapshots.toSorted().map(async (snapshot) => ({
      path: nameBelow(path, snapshot),
      bytes: sumBytes((await listFolder(snapshot)).files),
    })),
  );
  throw new LlmSizeError("SEVERAL_MODELS", { model: text, isLocal: true, candidates });
}

/** `models--org--name` is enough where a ref names the commit; it is the folder that people know. */
function nameBelow(path: string, snapshot: string): string {
  const below = snapshot.slice(path.length).replace(/^[\\/]+/, "");
  return below.startsWith(SNAPSHOTS) || isCommitId(below)
    ? below
    : below.replace(/[\\/]snapshots[\\/].*$/, "");
}
