import { isSameShape } from "./packing/shapes.ts";

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where single-file checkpoints keep moving averages: `model_ema.diffusion_modelout2bias` of stable-diffusion-v1-5. */
const AVERAGED = /^(?:model_ema|ema_model|ema)\./;
const WRAPPER = /^(?:model|module)\./;

/** Find moving averages of weights that are stored too. LDM takes the dots out of their names. */
export function findAveragedCopies(tensors: readonly Named[]): ReadonlySet<string> {
  const averaged = tensors.filter(({ name }) => AVERAGED.test(name));
  if (averaged.length === 0) return new Set();
  const shapes = new Map(
    tensors.filter(({ name }) => !AVERAGED.test(name)).map(({ name, shape }) => [canonicalName(name), shape]),
  );
  const isCopy = ({ name, shape }: Named) => {
    const original = shapes.get(canonicalName(name.replace(AVERAGED, "")));
    return original !== undefined && isSameShape(original, shape);
  };
  return new Set(averaged.filter(isCopy).map(({ name }) => name));
}

function canonicalName(name: string): string {
  return name.replace(WRAPPER, "").replaceAll(".", "");
}
