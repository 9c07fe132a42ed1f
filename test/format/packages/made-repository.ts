import type { PackageSource } from "../../../src/format/packages/package-source.ts";
import { choosePackage } from "../../../src/format/packages/choose-package.ts";
import type { WantedPackage } from "../../../src/format/packages/named-package.ts";

/** A repository of names and sizes; `texts` are the contents of small files, all other bytes are zero. */
export function madeRepository(
  sizes: Readonly<Record<string, number>>,
  texts: Readonly<Record<string, unknown>> = {},
  id = "nobody/model",
): PackageSource {
  const contents = new Map(
    Object.entries(texts).map(([path, value]) => [
      path,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const files = [
    ...Object.entries(sizes).map(([path, bytes]) => ({ path, bytes })),
    ...[...contents].map(([path, text]) => ({ path, bytes: text.length })),
  ];
  return {
    id,
    files,
    source: "hub",
    cached: null,
    readText: async (path) => contents.get(path) ?? "",
    readRange: async (_, begin, end) => new Uint8Array(end - begin),
  };
}

/** What is chosen: bytes of the package, and the use of each file. */
export async function choose(source: PackageSource, wanted: Partial<WantedPackage> = {}) {
  const choice = await choosePackage(source, { path: null, label: null, ...wanted });
  if (!choice) return null;
  const uses = Object.fromEntries(choice.account.map(({ path, is }) => [path, is]));
  const used = choice.parts.flatMap(({ files }) => files);
  return { ...choice, uses, bytes: used.reduce((sum, { bytes }) => sum + bytes, 0) };
}
