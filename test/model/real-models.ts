import { readFileSync, readdirSync } from "node:fs";
import { readSafetensorsHeader } from "../../src/format/safetensors.ts";
import { DTYPE_BITS } from "../../src/source/tensor.ts";
import { countElements, type Tensor } from "../../src/format/tensor.ts";
import type { ClassifiedTensors } from "../../src/model/classify-tensors.ts";
import { classifyTensors } from "./classify.ts";
import { buildConfig, parseConfig, type Config } from "../../src/format/config.ts";
import { realModel, type RealModel } from "../hub/real-models.ts";

export interface Examined {
  readonly tensors: readonly Tensor[];
  readonly config: Config;
  readonly classified: ClassifiedTensors;
}

/** A tensor with the bytes that its shape takes. */
export function tensor(name: string, shape: readonly number[], dtype = "BF16"): Tensor {
  const bits = DTYPE_BITS[dtype as keyof typeof DTYPE_BITS];
  return { name, shape, dtype, bytes: ((countElements(shape) ?? 0) * bits) / 8 };
}

/** Give a recorded model its config and tensors, and classify them. */
export function examine(model: RealModel): Examined {
  const config = buildConfig(model.config);
  const tensors = model.tensors.map(([name, shape, dtype]) => tensor(name, shape, dtype));
  return { tensors, config, classified: classifyTensors([{ folder: "", tensors, config }]) };
}

const examined = new Map<string, Examined>();

/** A model of `fixtures/models`, examined once. */
export function examineReal(id: string): Examined {
  const known = examined.get(id);
  if (known) return known;
  const entry = examine(realModel(id));
  examined.set(id, entry);
  return entry;
}

/** A folder of `fixtures/checkpoints` that holds safetensors files. */
export async function examineCheckpoint(id: string): Promise<Examined> {
  const folder = new URL(`../../fixtures/checkpoints/${id}/`, import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  const headers = await Promise.all(
    files.map((name) => {
      const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
      return readSafetensorsHeader({ bytes: bytes.length }, async (begin, end) => bytes.slice(begin, end));
    }),
  );
  const config = parseConfig(readFileSync(new URL("config.json", folder), "utf8"));
  const tensors = headers.flat();
  return { tensors, config, classified: classifyTensors([{ folder: "", tensors, config }]) };
}
