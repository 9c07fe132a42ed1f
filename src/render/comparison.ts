import type { ModelReport, Size } from "../contract/types.ts";
import { nameModels } from "./model-names.ts";
import type { UnitSystem } from "./options.ts";
import type { Section } from "./sections.ts";
import {
  differMuch,
  leftColumn,
  rightColumn,
  scaleColumn,
  tabulate,
  UNKNOWN,
  type Column,
  type Table,
} from "./table.ts";
import { splitFamily } from "./text.ts";
import { formatBytes, formatContext, formatCount } from "./units.ts";

/** Return the quantizations of a report: those of every model in it. */
export function listQuantizations([model]: readonly ModelReport[]): string[] {
  return model?.sizes.map(({ quantization }) => quantization) ?? [];
}

function isLocal({ source }: ModelReport): boolean {
  return source === "local";
}

function isApproximate({ evidence }: ModelReport): boolean {
  return evidence !== "headers";
}

/** Build a table with a row per model: `~` before a figure that is neither published nor computed from headers. */
export function buildComparison(
  models: readonly ModelReport[],
  units: UnitSystem,
  unitPerCell = isMixed(models, units),
): Table {
  const isSparse = models.some(({ parameters: { total, active } }) => active !== null && active !== total);
  const context = models.flatMap(({ memory }) => memory ?? [])[0]?.context;
  const names = nameModels(models);
  const marks = markReasons(models);
  const scale = { scale: units, unitPerCell, hasBars: true };
  const count = (title: string, value: (model: ModelReport) => number | null) =>
    scaleColumn(title, models, {
      value,
      isApproximate,
      scale: "counts",
      unitPerCell,
      unknown: ({ sizes }) => marks(sizes[0]?.reason),
    });
  const columns: Column<ModelReport>[] = [
    leftColumn("Model", (_, index) => names[index]),
    count("Params", ({ parameters }) => parameters.total),
    ...(isSparse ? [count("Active", ({ parameters }) => parameters.active)] : []),
    rightColumn("Class", ({ sizeClass }) => sizeClass?.label ?? UNKNOWN),
    scaleColumn(namePublished(models), models, {
      ...scale,
      value: ({ published }) => published?.bytes,
      extra: ({ published }) => published?.projectorBytes,
    }),
    ...listQuantizations(models).map((title, index) =>
      scaleColumn(nameProjector(title, models, index), models, {
        ...scale,
        value: ({ sizes }: ModelReport) => sizes[index]?.bytes,
        isApproximate: ({ sizes }) => sizes[index]?.basis === "predicted",
        extra: ({ sizes }) => sizes[index]?.projectorBytes,
        range: ({ sizes }) => sizes[index]?.variants.map(({ bytes }) => bytes) ?? [],
        unknown: ({ sizes }) => marks(sizes[index]?.reason),
      }),
    ),
  ];
  if (context !== undefined)
    columns.push(
      scaleColumn(`KV ${formatContext(context)}`, models, {
        value: ({ memory }) => memory?.kvCacheBytes,
        scale: units,
        unitPerCell,
        unknown: ({ memory }) => marks(memory?.reason),
      }),
    );
  return tabulate(models, columns);
}

/** Return true where the sizes in a column differ too much for one unit. */
function isMixed(models: readonly ModelReport[], units: UnitSystem): boolean {
  const columns = [
    models.map(({ published }) => published?.bytes ?? null),
    ...listQuantizations(models).map((_, index) => models.map(({ sizes }) => sizes[index]?.bytes ?? null)),
  ];
  return columns.some((bytes) => differMuch(bytes, units));
}

/** The reasons of unknown figures, each once. */
function listReasons(models: readonly ModelReport[]): string[] {
  const reasons = models.flatMap(({ sizes, memory }) => [
    ...sizes.map(({ bytes, reason }) => (bytes === null ? reason : null)),
    memory?.kvCacheBytes === null ? memory.reason : null,
  ]);
  return [...new Set(reasons.filter((reason) => reason !== null))];
}

/** Return the cell of an unknown figure: `?`, with a number where there are several reasons. */
function markReasons(models: readonly ModelReport[]): (reason: string | null | undefined) => string {
  const reasons = listReasons(models);
  return (reason) => {
    const index = reason == null ? -1 : reasons.indexOf(reason);
    return index === -1 || reasons.length === 1 ? UNKNOWN : `${UNKNOWN}${formatSuperscript(index + 1)}`;
  };
}

/** Build the footnotes of a comparison: why a figure is unknown. */
export function listFootnotes(models: readonly ModelReport[]): string[] {
  const reasons = listReasons(models);
  return reasons.map(
    (reason, index) => `${UNKNOWN}${reasons.length === 1 ? "" : formatSuperscript(index + 1)} ${reason}`,
  );
}

/** @example formatSuperscript(12) //=> "¹²" */
function formatSuperscript(number: number): string {
  return String(number).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit)));
}

function namePublished(models: readonly ModelReport[]): string {
  const title = models.some(isLocal) ? "Files" : "On Hub";
  const hasProjector = models.some(({ published }) => typeof published?.projectorBytes === "number");
  return hasProjector ? `${title} + projector` : title;
}

/** Name what is added to the sizes of a column: `gguf:Q4_K_M + projector`. */
function nameProjector(title: string, models: readonly ModelReport[], index: number): string {
  return models.some(({ sizes }) => typeof sizes[index]?.projectorBytes === "number")
    ? `${title} + projector`
    : title;
}

/** Build a table with a row per size of one model. */
export function buildSizeTable({ sizes }: Pick<ModelReport, "sizes">, units: UnitSystem): Table {
  const { family, names } = splitFamily(sizes.map(({ quantization }) => quantization));
  return tabulate(sizes, [
    leftColumn(family, (_, index) => names[index]),
    scaleColumn(
      sizes.some(({ projectorBytes }) => projectorBytes !== null) ? "size + projector" : "size",
      sizes,
      {
        extra: ({ projectorBytes }) => projectorBytes,
        value: ({ bytes }) => bytes,
        isApproximate: ({ basis }) => basis === "predicted",
        range: ({ variants }) => variants.map(({ bytes }) => bytes),
        scale: units,
        hasBars: true,
      },
    ),
    rightColumn("bits", ({ bitsPerWeight }) => bitsPerWeight?.toFixed(2) ?? UNKNOWN, "per weight"),
    leftColumn("basis", formatBasis),
  ]);
}

/** @example formatBasis(size) //=> "predicted, ±0.5 %" */
function formatBasis({ basis, errorBand, reason }: Size): string {
  if (basis === null) return reason ?? "unknown";
  return errorBand === null ? basis : `${basis}, ±${Number((errorBand * 100).toPrecision(2))} %`;
}

/** Build the lines above a table about one model: its id, its figures, and what is downloaded with the weights. */
export function buildModelHead(model: ModelReport, units: UnitSystem): Section {
  const { id, parameters, sizeClass, published, companions } = model;
  const figures = [
    ...(parameters.total === null
      ? []
      : [`${isApproximate(model) ? "~" : ""}${formatCount(parameters.total)} parameters`]),
    ...(sizeClass ? [`class ${sizeClass.label}`] : []),
    ...(published
      ? [`${formatBytes(published.bytes, units)} ${isLocal(model) ? "on disk" : "on the Hub"}`]
      : []),
  ];
  const caption = figures.length > 0 ? [figures.join(", ")] : [];
  if (companions && model.sizes.some(({ companionBytes }) => companionBytes)) {
    const [tokenizer, config] = [companions.tokenizer, companions.config].map(({ bytes }) =>
      formatBytes(bytes, units),
    );
    caption.push(`plus tokenizer ${tokenizer}, config ${config}`);
  }
  return { title: id, caption };
}
