import type { ModelReport, Size } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import type { Section } from "./sections.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate, UNKNOWN, type Column, type Table } from "./table.ts";
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
export function buildComparison(models: readonly ModelReport[], units: UnitSystem): Table {
  const isSparse = models.some(({ parameters: { total, active } }) => active !== null && active !== total);
  const context = models.flatMap(({ memory }) => memory ?? [])[0]?.context;
  const columns: Column<ModelReport>[] = [
    leftColumn("Model", ({ id }) => id),
    scaleColumn("Params", models, {
      value: (model) => model.parameters.total,
      isApproximate,
      scale: "counts",
    }),
    ...(isSparse
      ? [
          scaleColumn("Active", models, {
            value: (model) => model.parameters.active,
            isApproximate,
            scale: "counts",
          }),
        ]
      : []),
    rightColumn("Class", ({ sizeClass }) => sizeClass?.label ?? UNKNOWN),
    scaleColumn(namePublished(models), models, {
      value: ({ published }) => published?.bytes,
      extra: ({ published }) => published?.projectorBytes,
      scale: units,
    }),
    ...listQuantizations(models).map((title, index) =>
      scaleColumn(nameProjector(title, models, index), models, {
        value: ({ sizes }: ModelReport) => sizes[index]?.bytes,
        isApproximate: ({ sizes }) => sizes[index]?.basis === "predicted",
        extra: ({ sizes }) => sizes[index]?.projectorBytes,
        range: ({ sizes }) => sizes[index]?.variants.map(({ bytes }) => bytes) ?? [],
        scale: units,
      }),
    ),
  ];
  if (context !== undefined)
    columns.push(
      scaleColumn(`KV ${formatContext(context)}`, models, {
        value: ({ memory }) => memory?.kvCacheBytes,
        scale: units,
      }),
    );
  return tabulate(models, columns);
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
