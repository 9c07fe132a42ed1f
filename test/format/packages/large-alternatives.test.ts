import { expect, test } from "vitest";
import { doubtLargeAlternatives } from "../../../src/format/packages/large-alternatives.ts";
import { choosePackage } from "../../../src/format/packages/choose-package.ts";
import { madeRepository } from "./made-repository.ts";

async function doubt(sizes: Readonly<Record<string, number>>, parameters: number) {
  const choice = await choosePackage(madeRepository(sizes), { path: null, label: null });
  return choice && doubtLargeAlternatives(choice, parameters);
}

test("an alternative in fp32 is one of the same model, a larger one may be another", async () => {
  const sizes = { "model.safetensors": 2e8, "flax_model.msgpack": 4e8 };
  expect(await doubt(sizes, 1e8)).toBeNull();
  expect(await doubt({ ...sizes, "flax_model.msgpack": 8e8 }, 1e8)).toMatchObject({
    code: "FILES_UNEXPLAINED",
    atMostBytes: 1e9,
  });
});

test("graphs may store a shared weight twice", async () => {
  expect(await doubt({ "model.safetensors": 2e8, "onnx/model.onnx": 8e8 }, 1e8)).toBeNull();
});
