import type { ClassifiedTensors } from "../model/classify-tensors.ts";
import { classifyRole } from "../model/roles.ts";
import type { Weight } from "../model/weight.ts";

/** A matrix that the checkpoint stores a second time, such as a tied head (Qwen/Qwen3-0.6B). */
export interface StoredCopy extends Weight {
  readonly bytes: number;
}

/** The copies of matrices; albert/albert-base-v2 has a bias of 30,000 twice, of which nobody speaks. */
export function listTiedCopies({ excluded }: Pick<ClassifiedTensors, "excluded">): StoredCopy[] {
  return excluded.flatMap(({ tensor: { name, shape, dtype, bytes, sharedWith }, reason }) => {
    // PyTorch stores what is shared once.
    if (reason !== "tied" || shape.length < 2 || typeof sharedWith === "string") return [];
    const parameters = shape.reduce((product, size) => product * size, 1);
    return [{ name, shape, dtype, bytes, parameters, role: classifyRole(name) }];
  });
}
