/** Tensors of a trainer next to the weights: which of them are known by more than a name. */
import { countElements, type Tensor } from "../format/tensor.ts";
import type { Weight } from "./weight.ts";

/**
 * What optimizers keep per weight, under the names of torch.optim, apex, bitsandbytes, Megatron and DeepSpeed; averages of
 * the weights under names that their trainers give.
 */
const PER_WEIGHT =
  /(?:^|\.)(?:state\.\d+|exp_avg(?:_sq|_diff)?|max_exp_avg_sq|exp_inf|momentum(?:_buffer)?|square_avg|grad_avg|acc_delta|sum|prev|state[12]|master_param|fp32_param|param|slow_buffer|ax|eta|mu|(?:ema|average|shadow)[a-z_]*)(?:\.|$)/;
/** All weights in one row: `fp32_flat_groups.0`, `single_partition_of_fp32_groups`. */
const FLAT = /(?:flat|partition|fp32|master)/;

/** Adam keeps a master copy and two moments; AMSGrad a third one. */
const MOST_PER_WEIGHT = 4;

/**
 * Sum the bytes of training tensors that optimizers of these weights have: in the shape of a weight, at most four of
 * each, or flat with as many elements. Others may be weights that go by another name.
 */
export function sumKnownTrainingBytes(training: readonly Tensor[], weights: readonly Weight[]): number {
  const left = new Map<string, number>();
  let flatLeft = 0;
  for (const { shape, parameters } of weights) {
    left.set(shape.join(), (left.get(shape.join()) ?? 0) + MOST_PER_WEIGHT);
    flatLeft += MOST_PER_WEIGHT * parameters;
  }
  let known = 0;
  for (const { name, shape, bytes } of training) {
    const count = left.get(shape.join()) ?? 0;
    const elements = countElements(shape) ?? Infinity;
    if (PER_WEIGHT.test(name) && count > 0) left.set(shape.join(), count - 1);
    else if (FLAT.test(name) && shape.length === 1 && elements <= flatLeft) flatLeft -= elements;
    else continue;
    known += bytes;
  }
  return known;
}
