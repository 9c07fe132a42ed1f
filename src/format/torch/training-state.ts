/** Recognize the data that trainers save next to the weights, and averaged copies of the weights. */
import type { PickleValue, TorchArray } from "./pickle-value.ts";

/** Keys of optimizers, schedulers and random generators: Lightning, timm, fairseq, Coqui, DeepSpeed, accelerate. */
const TRAINING_KEY =
  /^(?:optim(?:izer)?s?|(?:optim|optimizer|opt)_.{1,40}|opt|lr_schedulers?|schedulers?(?:_state_dict)?|sched|(?:grad_|loss_)?scaler(?:_state_dict)?|amp|loops|callbacks|rng_states?.{0,40}|random_states?|(?:train|trainer|extra)_state|last_optimizer_state|optimizer_history)$/i;

/** Counters and metrics of a trainer: `loss`, `global_step`, `best_acc`. */
const PROGRESS_KEY =
  /^(?:(?:global_)?step|epoch|iteration|iter|lr|.{0,20}loss|best.{0,20}|initted|decay|num_updates)$/i;

/** True if the value under a key does not belong to the model. */
export function isTrainingState(key: string, value: PickleValue): boolean {
  return TRAINING_KEY.test(key) || isOptimizerState(value);
}

/** True for the state of a torch optimizer, whatever its key. */
function isOptimizerState(value: PickleValue): boolean {
  return value instanceof Map && value.has("state") && value.has("param_groups");
}

/** True for a tensor that counts steps, or holds the state of a random generator. */
export function isTrainingTensor(key: string, { shape, dtype }: TorchArray): boolean {
  const isNumber = shape.every((size) => size === 1);
  return (isNumber && PROGRESS_KEY.test(key)) || (dtype.name === "U8" && /rng_state/.test(key));
}

/** Averaged copies of all weights, recognized by their key or the first part of their names. */
const AVERAGE =
  /^(?:ema|avg|averaged|swa|shadow|teacher|momentum|target|best)$|^(?:ema|avg|swa)_|_(?:ema|avg|swa)$/i;

/** Wrappers of training tools, which are not part of a weight's name. */
const WRAPPERS: ReadonlySet<string> = new Set(
  "state_dict model module params model_state_dict weights net student online raw_model ema_model averaged_model".split(
    " ",
  ),
);

/** Return a name without wrappers, averages and dots: equal for a weight and its average. LDM uses `model_ema`. */
export function canonicalName(segments: readonly string[]): {
  readonly name: string;
  readonly isAverage: boolean;
} {
  let isAverage = false;
  const kept: string[] = [];
  for (const segment of segments) {
    let word = segment;
    if (AVERAGE.test(word)) {
      isAverage = true;
      word = word.replace(/^(?:ema|avg|swa)_|_(?:ema|avg|swa)$/i, "");
      if (AVERAGE.test(word)) continue;
    }
    if (!WRAPPERS.has(word)) kept.push(word);
  }
  return { name: kept.join(""), isAverage };
}
