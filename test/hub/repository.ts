import { type FileSource, type StoredFile, hash, storeFile } from "./stored-file.ts";

/** What a test says of a model repository. */
export interface Repository {
  readonly id: string;
  /** Former names, which redirect. Another case of a name redirects by itself, as on the Hub. */
  readonly aliases?: readonly string[];
  readonly private?: boolean;
  readonly gated?: false | "auto" | "manual";
  readonly disabled?: boolean;
  /** The commit of `main`, 40 hex digits; derived from the id when not given. */
  readonly commit?: string;
  /** Further branches and `refs/pr/1` → commit. */
  readonly refs?: Readonly<Record<string, string>>;
  readonly info?: ModelFacts;
  readonly files: Readonly<Record<string, FileSource>>;
  /** Commits whose files are not those of `main`. */
  readonly revisions?: Readonly<Record<string, Pick<Repository, "files" | "info">>>;
}

/** Fields of the model info answer, sent as they are, so that a test can also send nonsense. */
export interface ModelFacts {
  readonly safetensors?: unknown;
  readonly gguf?: unknown;
  readonly config?: unknown;
  readonly cardData?: unknown;
  readonly baseModels?: unknown;
  readonly library_name?: string;
  readonly pipeline_tag?: string;
  readonly tags?: readonly string[];
  readonly usedStorage?: number;
  readonly lastModified?: string;
  readonly downloads?: number;
  readonly likes?: number;
}

/** One commit of a repository. */
export interface Snapshot {
  readonly commit: string;
  readonly info: ModelFacts;
  readonly files: ReadonlyMap<string, StoredFile>;
}

/** A repository on the shelf, every file hashed. */
export interface StoredRepository {
  readonly id: string;
  /** The `_id` of the API. */
  readonly databaseId: string;
  readonly private: boolean;
  readonly gated: false | "auto" | "manual";
  readonly disabled: boolean;
  readonly main: Snapshot;
  readonly refs: ReadonlyMap<string, string>;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
}

/** The repositories of one stand-in, found by name. */
export interface Shelf {
  add(repository: Repository): void;
  /** By any name: its own, a former one, another case. */
  find(name: string): StoredRepository | undefined;
  all(): StoredRepository[];
}

export function createShelf(): Shelf {
  const byId = new Map<string, StoredRepository>();
  const idByName = new Map<string, string>();
  return {
    add(repository) {
      byId.set(repository.id, storeRepository(repository));
      for (const name of [repository.id, ...(repository.aliases ?? [])])
        idByName.set(name.toLowerCase(), repository.id);
    },
    find: (name) => byId.get(idByName.get(name.toLowerCase()) ?? ""),
    all: () => [...byId.values()],
  };
}

/** The snapshot a branch, an encoded ref, a full or a short commit names. */
export function findSnapshot(repository: StoredRepository, revision: string): Snapshot | undefined {
  if (revision === "HEAD") return repository.main;
  const commit = repository.refs.get(revision);
  if (commit !== undefined) return repository.snapshots.get(commit);
  if (!/^[0-9a-f]{7,40}$/.test(revision)) return undefined;
  return [...repository.snapshots.values()].find((snapshot) => snapshot.commit.startsWith(revision));
}

function storeRepository(repository: Repository): StoredRepository {
  const commit = repository.commit ?? hash("sha1", repository.id);
  const main = storeSnapshot(commit, repository);
  const refs = new Map([["main", commit], ...Object.entries(repository.refs ?? {})]);
  const snapshots = new Map([[commit, main]]);
  for (const other of [...refs.values(), ...Object.keys(repository.revisions ?? {})]) {
    if (!/^[0-9a-f]{40}$/.test(other)) throw new Error(`${other} is not a commit`);
    if (other !== commit)
      snapshots.set(other, storeSnapshot(other, repository.revisions?.[other] ?? repository));
  }
  return {
    id: repository.id,
    databaseId: hash("sha1", `_id ${repository.id}`).slice(0, 24),
    private: repository.private ?? false,
    gated: repository.gated ?? false,
    disabled: repository.disabled ?? false,
    main,
    refs,
    snapshots,
  };
}

function storeSnapshot(commit: string, { files, info }: Pick<Repository, "files" | "info">): Snapshot {
  const stored = Object.entries(files).map(([path, source]) => [path, storeFile(path, source)] as const);
  return { commit, info: info ?? {}, files: new Map(stored) };
}
