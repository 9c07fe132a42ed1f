import type { Column } from "./comparison.ts";
import { makePrintable } from "./printable.ts";
import type { ModelReport, Size } from "../contract/types.ts";
import { formatBytes, formatBytesTogether, formatCount, type UnitSystem } from "./units.ts";

/** The sizes of one model as rows: what it weighs in every format of a family. */
export function listSizes(model: ModelReport, system: UnitSystem): Column[] {
  const { sizes } = model;
  const { unit, texts } = formatBytesTogether(
    sizes.map(({ bytes }) => bytes),
    system,
  );
  return [
    column("", "left", shortenNames(sizes.map(({ quantization }) => quantization))),
    column(
      "size",
      "right",
      sizes.map((size, index) => `${size.basis === "predicted" ? "~" : ""}${texts[index] ?? "?"}`),
      unit,
    ),
    column(
      "bits",
      "right",
      sizes.map(({ bitsPerWeight }) => (bitsPerWeight === null ? "?" : bitsPerWeight.toFixed(2))),
      "a weight",
    ),
    column("rests on", "left", sizes.map(describeBasis)),
  ];
}

/** What stands above the list: the model, and what it is now. */
export function describeModel(model: ModelReport, system: UnitSystem): string {
  const { id, parameters, sizeClass, published, sizes } = model;
  const figures = [
    ...(parameters.total === null
      ? []
      : [`${model.evidence === "headers" ? "" : "~"}${formatCount(parameters.total)} parameters`]),
    ...(sizeClass ? [`class ${sizeClass.label}`] : []),
    ...(published ? [`${formatBytes(published.bytes, system)} on the Hub`] : []),
  ];
  const beside = sizes.some(({ companionBytes }) => companionBytes) ? describeCompanions(model, system) : "";
  return `${makePrintable(id)}\n${figures.join(", ")}${beside}`;
}

function describeCompanions({ companions }: ModelReport, system: UnitSystem): string {
  if (!companions) return "";
  const { tokenizer, config } = companions;
  return `\nfetched beside the weights: tokenizer ${formatBytes(tokenizer.bytes, system)}, config ${formatBytes(config.bytes, system)}`;
}

/** Names without their family where all are of one. */
export function shortenNames(names: readonly string[]): string[] {
  const bare = names.map((name) => name.slice(name.indexOf(":") + 1));
  return new Set(bare).size === names.length ? bare : [...names];
}

function column(title: string, align: Column["align"], cells: readonly string[], unit = ""): Column {
  return { title, unit, align, cells };
}

function describeBasis({ basis, errorBand, reason }: Size): string {
  if (basis === null) return reason ?? "unknown";
  return errorBand === null ? basis : `${basis}, ±${formatPercent(errorBand)}`;
}

/** 0.005 → `0.5 %` */
function formatPercent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
