/** The size that growth is measured from, for a model that code names: its own, or that of the model it replaces. */
import type { CodePlace, ModelReport } from "../contract/types.ts";
import type { Lock, LockedModel } from "./lock.ts";

/** A model as code loads it, from all the places that name it so. */
export interface CodeLoad {
  readonly reference: string;
  /** Null for what is published. */
  readonly quantization: string | null;
  readonly places: readonly CodePlace[];
  /** Null where it could not be measured. */
  readonly model: ModelReport | null;
}

/** The locked load of a model. */
export interface LockedLoad {
  readonly locked: LockedModel;
  readonly quantization: string | null;
  /** True where the code has named another model, or another quantization, in the same file. */
  readonly isReplaced: boolean;
}

/**
 * Find the load in the lock file that a load of today is compared with: the same one; else one that the same file no
 * longer names, the largest of today with the largest of then; else the same model in other files. Null for a new model.
 */
export function findLockedLoad(lock: Lock, load: CodeLoad, loads: readonly CodeLoad[]): LockedLoad | null {
  const paths = [...new Set(load.places.map(({ path }) => path))];
  const found = paths.flatMap((path) => findInFile(lock, load, { path, loads }) ?? []);
  const same = found.find(({ isReplaced }) => !isReplaced);
  if (same) return same;
  const own = lock.models.find(({ reference }) => reference === load.reference);
  const isLocked = own !== undefined && getLockedBytes(own, load.quantization) !== null;
  const replaced = found.toSorted((a, b) => countBytes(a) - countBytes(b))[0] ?? null;
  return replaced ?? (isLocked ? { locked: own, quantization: load.quantization, isReplaced: false } : null);
}

function findInFile(
  lock: Lock,
  load: CodeLoad,
  { path, loads }: { readonly path: string; readonly loads: readonly CodeLoad[] },
): LockedLoad | null {
  const before = lock.models.flatMap((locked) =>
    (locked.namedIn?.[path] ?? []).map((quantization) => ({ locked, quantization })),
  );
  const isSame = (one: CodeLoad, { locked, quantization }: Omit<LockedLoad, "isReplaced">) =>
    one.reference === locked.reference && one.quantization === quantization;
  const same = before.find((one) => isSame(load, one));
  if (same) return { ...same, isReplaced: false };
  const now = loads.filter(({ places }) => places.some((place) => place.path === path));
  const gone = before.filter((one) => !now.some((other) => isSame(other, one)));
  // Another quantization of a model replaces that model, and not another one.
  const own = gone.find(({ locked }) => locked.reference === load.reference);
  if (own) return { ...own, isReplaced: true };
  const added = now.filter(
    (one) => !before.some((other) => isSame(one, other) || other.locked.reference === one.reference),
  );
  const rank = added
    .toSorted((a, b) => countLoaded(b) - countLoaded(a))
    .findIndex(
      ({ reference, quantization }) => reference === load.reference && quantization === load.quantization,
    );
  const replaced = gone
    .filter(({ locked }) => !now.some(({ reference }) => reference === locked.reference))
    .toSorted((a, b) => countBytes(b) - countBytes(a))[rank];
  return replaced ? { ...replaced, isReplaced: true } : null;
}

function countBytes({ locked, quantization }: Omit<LockedLoad, "isReplaced">): number {
  return getLockedBytes(locked, quantization) ?? 0;
}

function countLoaded({ model, quantization }: CodeLoad): number {
  const size = model?.sizes.find((one) => one.quantization === quantization);
  return (quantization === null ? model?.published?.bytes : size?.bytes) ?? 0;
}

/** Return the bytes of a locked model in one form; null where the lock file lacks them. */
export function getLockedBytes(
  { publishedBytes, sizes }: LockedModel,
  quantization: string | null,
): number | null {
  return quantization === null ? publishedBytes : (sizes[quantization] ?? null);
}

/** List the files that name a model, with what each loads of it, as the lock file has them. */
export function listNamedIn(loads: readonly CodeLoad[], reference: string): LockedModel["namedIn"] {
  const pairs = loads
    .filter((load) => load.reference === reference)
    .flatMap(({ places, quantization }) => places.map(({ path }) => [path, quantization] as const))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map(([path]) => [
      path,
      [...new Set(pairs.filter(([other]) => other === path).map(([, quantization]) => quantization))],
    ]),
  );
}
