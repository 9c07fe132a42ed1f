import type { Tensor } from "../../format/tensor.ts";
import type { PackingFormat } from "./packing-format.ts";

/** Tensors of these alone are not packed. */
const PLAIN_DTYPES: ReadonlySet<string> = new Set(["F64", "F32", "F16", "BF16"]);

export function mayBePacked(tensors: readonly Tensor[]): boolean {
  return tensors.some(({ dtype }) => !PLAIN_DTYPES.has(dtype));
}

/** Load the packing formats, where something may be packed. */
export async function loadPackings(
  components: readonly { readonly tensors: readonly Tensor[] }[],
): Promise<readonly PackingFormat[]> {
  if (!components.some(({ tensors }) => mayBePacked(tensors))) return [];
  const { PACKING_FORMATS } = await import("./packing-formats.ts");
  return PACKING_FORMATS;
}
