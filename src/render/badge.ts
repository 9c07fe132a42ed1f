/** A badge for a README: JSON that shields.io/endpoint draws. */
import type { Report } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { UnitSystem } from "./options.ts";
import { makePrintable } from "./text.ts";
import { formatBytes, formatCount } from "./units.ts";
import { formatTally } from "./verdicts.ts";

/** Render the verdicts, or else the size of the first model: at its only quantization, or as published. */
export function renderBadge({ models: [model], verdicts, passed }: Report, units: UnitSystem): string {
  if (verdicts.length > 0)
    return render("model size", formatTally(verdicts), passed === true ? "brightgreen" : "red");
  if (!model) return render("model size", "unknown", "lightgrey");
  const { id, parameters, sizes, published } = model;
  const [size] = sizes;
  const bytes = size && sizes.length === 1 ? size.bytes : (published?.bytes ?? null);
  const sign = sizes.length === 1 && size?.basis === "predicted" ? "~" : "";
  const figures = [
    ...(parameters.total === null ? [] : [`${formatCount(parameters.total)} parameters`]),
    ...(bytes === null ? [] : [`${sign}${formatBytes(bytes, units)}`]),
  ];
  return figures.length === 0
    ? render(id, "unknown", "lightgrey")
    : render(id, figures.join(", "), "informational");
}

function render(label: string, message: string, color: string): string {
  return renderJson({ schemaVersion: 1, label: makePrintable(label), message, color });
}
