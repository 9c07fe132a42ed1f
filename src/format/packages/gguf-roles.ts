/** Roles that only the headers of GGUF files tell, where a repository has several families of them. */
import type { GgufPeek } from "../gguf/peek.ts";
import type { UnitRole } from "./unit.ts";

/** Architectures of models that guess ahead for another: EAGLE, multi-token prediction, DFlash. */
const DRAFT_ARCHITECTURE = /eagle|medusa|speculator|dflash|dspark|[-_]mtp$|^mtp/i;

/** Return why a GGUF file is not the model itself; null where its header says nothing of the kind. */
export function classifyGgufRole({ architecture, type, tensors }: GgufPeek): UnitRole | null {
  if (architecture === "clip" || type === "mmproj") return "projector";
  if (type === "adapter" || architecture === "controlvector") return "adapter";
  if (type === "imatrix" || architecture === "imatrix") return "training";
  if (tensors === 0) return "support";
  return DRAFT_ARCHITECTURE.test(architecture ?? "") ? "draft" : null;
}
