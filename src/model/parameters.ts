import type { ClassifiedTensors } from "./classify-tensors.ts";
import { countActive, type ActiveCounts } from "./active.ts";
import type { Config } from "../format/config.ts";
import { ROLES, type Role } from "../contract/terms.ts";

/** Parameter counts of one model. What is unknown is null, never a guess. */
export interface ParameterCounts extends ActiveCounts {
  readonly total: number | null;
  readonly embedding: number | null;
  /** The elements of all stored tensors, as a naive count gives. */
  readonly stored: number | null;
  /** Logical weights by the dtype they are stored in. */
  readonly byDtype: Readonly<Record<string, number>>;
  readonly byRole: Readonly<Record<Role, number>> | null;
}

export const UNKNOWN_COUNTS: ParameterCounts = {
  total: null,
  active: null,
  activeNonEmbedding: null,
  embedding: null,
  stored: null,
  byDtype: {},
  byRole: null,
};

/** Count the logical weights of a checkpoint. Where a packing is not understood, only `stored` is known. */
export function countParameters(classified: ClassifiedTensors, config: Config | null): ParameterCounts {
  if (!classified.certain) return { ...UNKNOWN_COUNTS, stored: classified.storedElements };
  const byRole = Object.fromEntries(ROLES.map((role) => [role, 0])) as Record<Role, number>;
  const byDtype = new Map<string, number>();
  let total = 0;
  for (const { dtype, role, parameters } of classified.weights) {
    total += parameters;
    byRole[role] += parameters;
    byDtype.set(dtype, (byDtype.get(dtype) ?? 0) + parameters);
  }
  return {
    total,
    ...countActive(classified.weights, config),
    embedding: byRole.embedding,
    stored: classified.storedElements,
    byDtype: Object.fromEntries(byDtype),
    byRole,
  };
}
