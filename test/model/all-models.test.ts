import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { classifyTensors } from "./classify.ts";
import { judgeConservation } from "../../src/model/conservation.ts";
import { countParameters } from "../../src/model/parameters.ts";
import { readRealModels, visitMoreModels, type RealModel } from "../hub/real-models.ts";
import { tensor } from "./real-models.ts";

/** Return what is wrong with our count of a model; null where it is right to the unit. */
function judge({ id, config: root, tensors: rows, parameters, storedElements }: RealModel): string | null {
  const config = buildConfig(root);
  const tensors = rows.map(([name, shape, dtype]) => tensor(name, shape, dtype));
  const classified = classifyTensors([{ folder: "", tensors, config }]);
  const { total, stored } = countParameters(classified, config);
  const doubt = judgeConservation(classified, null);
  const isRight = total === parameters && stored === storedElements && doubt === null;
  return isRight ? null : `${id}: ${total} instead of ${parameters}, ${doubt ?? "no doubt"}`;
}

test("well-known models are counted to the unit", () => {
  const models = readRealModels();
  expect(models.length).toBeGreaterThan(50);
  expect(models.flatMap((model) => judge(model) ?? [])).toEqual([]);
});

test("more models, those with prediction layers, saved again, and classes of transformers are counted to the unit", () => {
  const wrong: string[] = [];
  let count = 0;
  visitMoreModels((model) => {
    count++;
    wrong.push(...[judge(model) ?? []].flat());
  });
  expect(count).toBeGreaterThan(670);
  expect(wrong).toEqual([]);
}, 300_000);
