/** Roles that only the headers of GGUF files tell, where a repository has several families of them. */
import type { RepositoryFile } from "../../source/repository.ts";
import type { GgufPeek } from "../gguf/peek.ts";
import { groupFamilies } from "./families.ts";
import { readStart, type PackageSource } from "./package-source.ts";
import type { Unit, UnitRole } from "./unit.ts";

/** Where a repository has several families of GGUF files, one header of each identifies drafts and projectors. */
export async function nameGgufRoles(source: PackageSource, units: readonly Unit[]): Promise<Unit[]> {
  const families = groupFamilies(units.filter(({ format, role }) => format === "gguf" && role === null));
  if (families.length < 2) return [...units];
  const roles = new Map<Unit, Unit>();
  await Promise.all(
    families.slice(0, MAX_PEEKS).map(async (family) => {
      const [file] = family.units[0]?.files ?? [];
      const peek = file ? await peekFile(source, file) : null;
      const role = peek && classifyGgufRole(peek);
      if (role) for (const unit of family.units) roles.set(unit, { ...unit, role });
    }),
  );
  return units.map((unit) => roles.get(unit) ?? unit);
}

/** A repository of more families is a collection, and which one is meant is not for headers to tell. */
const MAX_PEEKS = 12;

async function peekFile(source: PackageSource, file: RepositoryFile) {
  const { peekGguf, PEEK_BYTES } = await import("../gguf/peek.ts");
  const bytes = await readStart(source, file, PEEK_BYTES);
  return bytes && peekGguf(bytes);
}

/** Architectures of models that guess ahead for another: EAGLE, multi-token prediction, DFlash. */
const DRAFT_ARCHITECTURE = /eagle|medusa|speculator|dflash|dspark|[-_]mtp$|^mtp/i;

/** Return why a GGUF file is not the model itself; null where its header says nothing of the kind. */
function classifyGgufRole({ architecture, type, tensors }: GgufPeek): UnitRole | null {
  if (architecture === "clip" || type === "mmproj") return "projector";
  if (type === "adapter" || architecture === "controlvector") return "adapter";
  if (type === "imatrix" || architecture === "imatrix") return "training";
  if (tensors === 0) return "support";
  return DRAFT_ARCHITECTURE.test(architecture ?? "") ? "draft" : null;
}
