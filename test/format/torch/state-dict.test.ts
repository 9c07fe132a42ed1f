import { expect, test } from "vitest";
import { readTorchTensors } from "../../../src/format/torch/checkpoint.ts";
import { sourceOf, totalOf } from "../../cases/bytes.ts";
import { torchFile, type TorchSpec } from "../../cases/made-files.ts";

const T = (...shape: number[]): TorchSpec => ({ tensor: shape });

async function read(value: TorchSpec) {
  const source = sourceOf(torchFile(value));
  const { tensors } = await readTorchTensors({ bytes: totalOf([source.size]) }, async (begin, end) =>
    source.slice(begin, end),
  );
  return tensors.map(({ name, is = "" }) => `${name} ${is}`.trim());
}

const WEIGHTS = { "a.weight": T(3, 4), "a.bias": T(3) };

test.each<[string, TorchSpec, string[]]>([
  ["a container and its siblings", { state_dict: { w: T(3) }, vae: { d: T(1000) } }, ["w", "vae.d"]],
  ["tensors on top and below", { top: T(2), net: { w: T(3) } }, ["top", "w"]],
  ["lists and tuples", [[{ w: T(3) }, { w: T(4) }]], ["0.0.w", "0.1.w"]],
  [
    "names that are equal without wrappers",
    { model: { w: T(3) }, module: { w: T(4) } },
    ["model.w", "module.w"],
  ],
  [
    "an average of timm",
    { state_dict: WEIGHTS, state_dict_ema: WEIGHTS },
    ["a.weight", "a.bias", "state_dict_ema.a.weight copy", "state_dict_ema.a.bias copy"],
  ],
  [
    "an average of LDM, whose dots are gone",
    { state_dict: { "model.diffusion_model.in.weight": T(4), "model_ema.diffusion_modelinweight": T(4) } },
    ["model.diffusion_model.in.weight", "model_ema.diffusion_modelinweight copy"],
  ],
  [
    "a teacher and a student",
    { student: WEIGHTS, teacher: WEIGHTS },
    ["student.a.weight", "student.a.bias", "teacher.a.weight copy", "teacher.a.bias copy"],
  ],
  ["an average alone", { ema: WEIGHTS, step: 3 }, ["ema.a.weight", "ema.a.bias"]],
  ["two networks", { G: WEIGHTS, D: WEIGHTS }, ["G.a.weight", "G.a.bias", "D.a.weight", "D.a.bias"]],
  [
    "an optimizer by any name",
    { model: { w: T(3) }, mine: { state: { 0: { exp_avg: T(3) } }, param_groups: [] } },
    ["w", "mine.state.0.exp_avg training"],
  ],
  [
    "progress as tensors",
    { net: { w: T(3) }, global_step: T(1), best_loss: T(1) },
    ["w", "global_step training", "best_loss training"],
  ],
])("finds %s", async (_, value, names) => {
  expect(await read(value)).toEqual(names);
});

test("an optimizer alone is no model", async () => {
  await expect(read({ state: { 0: { exp_avg: T(3) } }, param_groups: [] })).rejects.toThrow(
    "it holds the state of an optimizer and no weights",
  );
});
