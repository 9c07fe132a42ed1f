import { expect, test } from "vitest";
import { findAveragedCopies } from "../../src/model/averaged-copies.ts";
import { classifyTensors } from "./classify.ts";
import { tensor } from "./real-models.ts";

const named = (name: string, ...shape: readonly number[]) => ({ name, shape });

test("stable-diffusion-v1-5: averages have no dots in their names", () => {
  const tensors = [
    named("model.diffusion_model.out.2.bias", 4),
    named("model_ema.diffusion_modelout2bias", 4),
    named("model_ema.diffusion_modelout3bias", 4),
    named("ema_model.diffusion_model.out.2.bias", 4),
  ];
  expect([...findAveragedCopies(tensors)]).toEqual([
    "model_ema.diffusion_modelout2bias",
    "ema_model.diffusion_model.out.2.bias",
  ]);
});

test("an average without its weight, or of another shape, is a weight", () => {
  expect(findAveragedCopies([named("model_ema.a", 4)]).size).toBe(0);
  expect(findAveragedCopies([named("model.a", 5), named("model_ema.a", 4)]).size).toBe(0);
});

test("a single-file diffusion checkpoint counts its networks once, without schedules", () => {
  const tensors = [
    tensor("model.diffusion_model.out.2.weight", [4, 320, 3, 3]),
    tensor("model_ema.diffusion_modelout2weight", [4, 320, 3, 3]),
    tensor("model_ema.decay", []),
    tensor("model_ema.num_updates", [], "I32"),
    tensor("first_stage_model.quant_conv.weight", [8, 8, 1, 1]),
    tensor("alphas_cumprod", [1000], "F32"),
    tensor("posterior_mean_coef1", [1000], "F32"),
    tensor("betas", [1000], "F32"),
  ];
  const { weights, excluded } = classifyTensors([{ folder: "", tensors, config: null }]);
  expect(weights.map(({ parameters }) => parameters)).toEqual([11_520, 64]);
  expect(excluded.map(({ reason }) => reason).toSorted()).toEqual([
    "buffer",
    "buffer",
    "buffer",
    "buffer",
    "buffer",
    "copy",
  ]);
});
