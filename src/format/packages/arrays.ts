/** Checkpoints of arrays: safetensors, PyTorch and GGUF, with their shards and indexes. */
import { groupBy } from "../group-by.ts";
import { splitLabels } from "./labels.ts";
import type { Listing } from "./listing.ts";
import type { PackageFormatName } from "./package-format.ts";
import { classifyRole } from "./roles.ts";
import { collectSets } from "./sets.ts";
import { folderOf, nameOf, type Unit } from "./unit.ts";

/** `model.safetensors.index.json`, of a variant `model.safetensors.index.fp16.json` or `model.fp16.safetensors.index.json`. */
const INDEX = /^([^/]{1,200})\.(safetensors|bin)\.index(?:\.([\w-]{1,40}))?\.json$/;

export function collectSafetensors(listing: Listing): Unit[] {
  return addIndexes(listing, collectSets(listing, "safetensors", ["safetensors"]), "safetensors");
}

export function collectGguf(listing: Listing): Unit[] {
  return collectSets(listing, "gguf", ["gguf"]);
}

/** After all formats with `.bin` files of their own. */
export function collectPytorch(listing: Listing): Unit[] {
  const ranks = collectRanks(listing);
  return [
    ...ranks,
    ...addIndexes(listing, collectSets(listing, "pytorch", ["bin", "pt", "pth", "ckpt"]), "pytorch"),
  ];
}

/** Give each index to its unit; an index whose files go by other names is a unit of its own. */
function addIndexes(listing: Listing, units: readonly Unit[], format: PackageFormatName): Unit[] {
  const ending = format === "safetensors" ? "safetensors" : "bin";
  const indexes = new Map<string, string>();
  for (const { path } of listing.free("json")) {
    const match = INDEX.exec(nameOf(path));
    if (match?.[2] !== ending) continue;
    const { stem, label } = splitLabels(`${match[1] ?? ""}${match[3] ? `.${match[3]}` : ""}`, format);
    indexes.set([folderOf(path), stem, label].join("\n"), path);
  }
  if (indexes.size === 0) return [...units];
  const indexed = units.map((unit) => ({ ...unit, index: indexes.get(keyOf(unit)) ?? null }));
  const known = new Set(units.map(keyOf));
  const unnamed = [...indexes]
    .filter(([key]) => !known.has(key))
    .map(([key, index]): Unit => {
      const [folder = "", stem = "", label = ""] = key.split("\n");
      const role = classifyRole(index, format);
      return { format, folder, stem, label, files: [], path: index, index, missing: [], role };
    });
  return [...indexed, ...unnamed];
}

function keyOf({ folder, stem, label }: Unit): string {
  return [folder, stem, label].join("\n");
}

/** Meta's tensor-parallel ranks: `consolidated.00.pth`, `consolidated.01.pth` …; all are loaded. */
function collectRanks(listing: Listing): Unit[] {
  const folders = groupBy(listing.free("pth"), ({ path }) =>
    /^consolidated\.\d{2}\.pth$/.test(nameOf(path)) ? folderOf(path) : null,
  );
  return [...folders].map(([folder, files]) => {
    const numbers = new Set(files.map(({ path }) => Number(path.slice(-"00.pth".length, -".pth".length))));
    const missing = Array.from({ length: Math.max(...numbers) + 1 }, (_, rank) => rank)
      .filter((rank) => !numbers.has(rank))
      .map((rank) => `rank ${rank}`);
    const path = files[0]?.path ?? folder;
    return {
      format: "pytorch" as const,
      folder,
      stem: "consolidated",
      label: "",
      files: listing.claim(files),
      path,
      index: null,
      missing,
      role: classifyRole(path, "pytorch"),
    };
  });
}
