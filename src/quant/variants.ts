import { isUnknown } from "../contract/unknown.ts";
import type { Quantization } from "./quantization.ts";
import type { Choice, LogicalModel, Prediction } from "./scheme.ts";

/** Another prediction, for a choice that publishers of the same scheme make. */
interface VariantPrediction {
  /** In their words: `output head stored again`. */
  readonly because: string;
  readonly prediction: Prediction;
}

/** A reader can compare no more. */
const MAX_VARIANTS = 8;

/** Sizes that differ by less are the same to everyone who downloads them. */
const NEGLIGIBLE = 0.0002;

/**
 * Predict under each choice that the options leave open, alone and in pairs. Sizes that differ from the main prediction
 * and from each other are kept, the most likely first.
 */
export function predictVariants(
  { scheme, options }: Quantization,
  model: LogicalModel,
  main: Prediction,
): VariantPrediction[] {
  const open = (scheme.listChoices?.(model) ?? []).filter((choice) => isDisjoint(choice.options, options));
  const variants: VariantPrediction[] = [];
  for (const { because, options: chosen } of [...open, ...pair(open)]) {
    const prediction = scheme.predict(model, { ...options, ...chosen });
    if (isUnknown(prediction) || !Number.isSafeInteger(prediction.bytes)) continue;
    const known = [main, ...variants.map((variant) => variant.prediction)];
    if (known.some(({ bytes }) => Math.abs(prediction.bytes - bytes) <= NEGLIGIBLE * bytes)) continue;
    variants.push({ because, prediction });
    if (variants.length === MAX_VARIANTS) break;
  }
  return variants;
}

/** List the pairs of choices that do not exclude each other. */
function pair(choices: readonly Choice[]): Choice[] {
  return choices.flatMap((first, index) =>
    choices
      .slice(index + 1)
      .filter((second) => isDisjoint(first.options, second.options))
      .map((second) => ({
        because: `${first.because}, ${second.because}`,
        options: { ...first.options, ...second.options },
      })),
  );
}

function isDisjoint(some: object, others: object): boolean {
  return !Object.keys(some).some((key) => Object.hasOwn(others, key));
}
