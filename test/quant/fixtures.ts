import { readFileSync } from "node:fs";
import { DTYPE_BITS } from "../../src/source/tensor.ts";
import { countElements } from "../../src/format/tensor.ts";
import { classifyTensors } from "../../src/model/classify-tensors.ts";
import { buildConfig } from "../../src/format/config.ts";
import type { LogicalModel } from "../../src/quant/scheme.ts";
import { realModel } from "../hub/real-models.ts";

/** A published size: a line of `fixtures/sizes/sizes.jsonl`; what its fields mean is in the README beside it. */
export interface PublishedSize {
  readonly base: string;
  readonly published: string;
  readonly scheme: string;
  readonly bytes: number;
  readonly rounded: boolean;
  readonly note: string | null;
  readonly source: string;
}

export const PUBLISHED_SIZES: readonly PublishedSize[] = readFileSync(
  new URL("../../fixtures/sizes/sizes.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as PublishedSize);

/** A model of `fixtures/models`, as a scheme is given it. */
export function fixtureModel(id: string): LogicalModel {
  const model = realModel(id);
  const config = buildConfig(model.config);
  const tensors = model.tensors.map(([name, shape, dtype]) => {
    const bits = DTYPE_BITS[dtype as keyof typeof DTYPE_BITS];
    return { name, shape, dtype, bytes: ((countElements(shape) ?? 0) * bits) / 8 };
  });
  return { config, weights: classifyTensors([{ folder: "", tensors, config }]).weights };
}
