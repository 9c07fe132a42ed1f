import { makePrintable } from "./printable.ts";
import type { Report } from "../contract/types.ts";

const HEAD = [
  "reference",
  "id",
  "revision",
  "source",
  "evidence",
  "parameters",
  "active",
  "stored",
  "class",
  "publishedBytes",
] as const;

/** Comma-separated values (RFC 4180): raw integers, one line a model, empty where unknown. */
export function renderCsv({ models }: Report): string {
  const quantizations = models[0]?.sizes.map(({ quantization }) => quantization) ?? [];
  // Only where a context was asked for.
  const isPlanned = models.some(({ memory }) => memory !== null);
  const head = [
    ...HEAD,
    ...quantizations.map((quantization) => `${quantization}Bytes`),
    ...(isPlanned ? ["kvCacheBytes", "cacheContext"] : []),
  ];
  const rows = models.map((model) => [
    model.reference,
    model.id,
    model.revision,
    model.source,
    model.evidence,
    model.parameters.total,
    model.parameters.active,
    model.parameters.stored,
    model.sizeClass?.label,
    model.published?.bytes,
    ...model.sizes.map(({ bytes }) => bytes),
    ...(isPlanned ? [model.memory?.kvCacheBytes, model.memory?.context] : []),
  ]);
  return [head, ...rows].map((cells) => cells.map(formatCell).join(",")).join("\n");
}

function formatCell(value: string | number | null | undefined): string {
  if (typeof value !== "string") return value === null || value === undefined ? "" : String(value);
  // A spreadsheet runs a cell that begins with one of these as a formula.
  const text = makePrintable(value).replace(/^(?=[=+@-])/, "'");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
