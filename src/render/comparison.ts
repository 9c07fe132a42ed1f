/** The comparison of models as rows and columns, before any layout. */
import { formatContext } from "./duration.ts";
import { makePrintable } from "./printable.ts";
import type { ModelReport } from "../contract/types.ts";
import { shortenNames } from "./size-list.ts";
import { formatBytesTogether, formatCountsTogether, type Scaled, type UnitSystem } from "./units.ts";

export interface Column {
  readonly title: string;
  /** The one unit of all its cells; empty where there is none. */
  readonly unit: string;
  readonly align: "left" | "right";
  /** One text a model. */
  readonly cells: readonly string[];
}

/** A cell for what is not known. */
const UNKNOWN = "?";

/** The columns of a comparison: one unit each, `~` before what is neither published nor computed from headers. */
export function compareModels(models: readonly ModelReport[], system: UnitSystem): Column[] {
  const active = models.map(({ parameters }) => parameters.active);
  const sparse = models.some(({ parameters: { total, active: used } }) => used !== null && used !== total);
  const titles = shortenNames(listQuantizations(models));
  const counted = models.map(({ evidence }) => evidence === "headers");
  return [
    { title: "Model", unit: "", align: "left", cells: models.map(({ id }) => makePrintable(id)) },
    numbers("Params", formatCountsTogether(models.map(({ parameters }) => parameters.total)), counted),
    ...(sparse ? [numbers("Active", formatCountsTogether(active), counted)] : []),
    {
      title: "Class",
      unit: "",
      align: "right",
      cells: models.map(({ sizeClass }) => sizeClass?.label ?? UNKNOWN),
    },
    numbers(
      "On Hub",
      formatBytesTogether(
        models.map(({ published }) => published?.bytes ?? null),
        system,
      ),
      models.map(() => true),
    ),
    ...listQuantizations(models).map((quantization, index) => {
      const sizes = models.map((model) => model.sizes[index]);
      return numbers(
        titles[index] ?? quantization,
        formatBytesTogether(
          sizes.map((size) => size?.bytes ?? null),
          system,
        ),
        sizes.map((size) => size?.basis !== "predicted"),
      );
    }),
    ...compareCaches(models, system),
  ];
}

/** What each model keeps between tokens, where a context was asked for. */
function compareCaches(models: readonly ModelReport[], system: UnitSystem): Column[] {
  const planned = models.flatMap(({ memory }) => memory ?? []);
  const [first] = planned;
  if (!first) return [];
  const bytes = models.map(({ memory }) => memory?.kvCacheBytes ?? null);
  const title = `Cache ${formatContext(first.context)}`;
  return [
    numbers(
      title,
      formatBytesTogether(bytes, system),
      models.map(() => true),
    ),
  ];
}

/** All models of a report were asked for the same quantizations. */
function listQuantizations(models: readonly ModelReport[]): string[] {
  return models[0]?.sizes.map(({ quantization }) => quantization) ?? [];
}

function numbers(title: string, { unit, texts }: Scaled, exact: readonly boolean[]): Column {
  const cells = texts.map((text, index) => (text === null ? UNKNOWN : exact[index] ? text : `~${text}`));
  return { title, unit, align: "right", cells };
}
