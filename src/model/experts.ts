/** The experts of a mixture: how many there are, how many a token visits, and which weights are theirs. */
import { listTextSections, type Config, type JsonObject } from "../format/config.ts";
import { keysOf, type Dimension } from "../format/dimensions.ts";
import { listArchitectures } from "./architectures.ts";

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A convolution may have as many channels as the model has experts. */
const CONVOLUTION = /conv/;

/** Read the number of experts in a layer; null where the config does not state one. */
export function readExperts(config: Config | null): number | null {
  const stated = readStated(config, "experts");
  if (stated === null || typeof stated === "number") return stated;
  const [count = null, ...others] = new Set(stated);
  return others.length === 0 ? count : null;
}

/** Return how many experts a token visits in a layer; null where unknown. Hunyuan-A13B lists one number per layer. */
export function readExpertsPerToken(config: Config | null): (layer: number) => number | null {
  const stated = readStated(config, "expertsPerToken");
  if (stated === null || typeof stated === "number") return () => stated;
  return (layer) => (stated.length === 1 ? stated[0] : stated[layer]) ?? null;
}

/**
 * Return a test for stacks of experts: a weight of rank 3 with one matrix per expert, whatever its name, and the vectors
 * that belong to it. `moe.gate_proj.weight` of stepfun-ai/Step-3.5-Flash is [288, 1280, 4096].
 */
export function findExpertStacks(
  weights: readonly Named[],
  config: Config | null,
): (weight: Named) => boolean {
  const experts = readExperts(config);
  if (experts === null || experts < 2) return () => false;
  const isStack = ({ name, shape }: Named) =>
    shape.length === 3 && shape[0] === experts && !CONVOLUTION.test(name);
  const stems = new Set(weights.filter(isStack).map(({ name }) => name.replace(/\.weight$/, "")));
  return (weight) =>
    isStack(weight) ||
    (weight.shape.length === 2 &&
      weight.shape[0] === experts &&
      /[._]bias$/.test(weight.name) &&
      stems.has(weight.name.slice(0, -"_bias".length)));
}

/** Read a number, or a list of one per layer, from the language model's section, the sections around it or its defaults. */
function readStated(config: Config | null, dimension: Dimension): number | readonly number[] | null {
  if (!config) return null;
  const defaults = listArchitectures(config).map((row) => row.defaults ?? {});
  for (const section of [config.text, ...listTextSections(config.root).toReversed(), ...defaults]) {
    const value = findCount(section, dimension);
    if (value !== null) return value;
  }
  return null;
}

function findCount(section: JsonObject, dimension: Dimension): number | readonly number[] | null {
  for (const key of keysOf(dimension)) {
    const value = section[key];
    if (isCount(value)) return value;
    if (Array.isArray(value) && value.length > 0 && value.every(isCount)) return value;
  }
  return null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
