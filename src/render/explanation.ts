import type { Column } from "./comparison.ts";
import type { Explanation, ModelReport } from "../contract/types.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import { renderJson } from "./json.ts";
import type { Format, Look } from "./render.ts";
import { renderTable } from "./table.ts";
import { formatBytes, formatCount } from "./units.ts";

/** One part of an explanation: a title over a table or over sentences. */
interface Section {
  readonly title: string;
  readonly columns?: readonly Column[];
  readonly lines?: readonly string[];
}

/** Whole files are listed up to this many; the rest is summed up. JSON has them all. */
const MOST_FILES = 12;

const EVIDENCE = {
  headers: "the headers of its weight files: every tensor",
  summary: "the Hub's own totals, since the files cannot be read",
  files: "the sizes of its files alone, since their headers cannot be read",
} as const;

const RENDERERS = {
  text: renderText,
  markdown: renderMarkdownSections,
  json: renderJson,
} satisfies Partial<Record<Format, (explanation: Explanation, look: Look) => string>>;

/** An explanation in a format; empty where the model could not be measured and the format has no place to say so. */
export function renderExplanation(
  explanation: Explanation,
  format: keyof typeof RENDERERS,
  look: Look,
): string {
  return RENDERERS[format](explanation, look);
}

function renderText(explanation: Explanation, { width, paint, units }: Look): string {
  return describeSections(explanation, units)
    .map(({ title, columns, lines }) => {
      const body = columns ? renderTable(columns, width - 2, paint) : (lines ?? []).join("\n");
      return `${paint.bold(title)}\n${body.replace(/^(?=.)/gm, "  ")}`;
    })
    .join("\n\n");
}

function renderMarkdownSections(explanation: Explanation, { units }: Look): string {
  return describeSections(explanation, units)
    .map(({ title, columns, lines }) =>
      [
        `### ${title}`,
        columns ? renderMarkdown(columns) : (lines ?? []).map((line) => `- ${line}`).join("\n"),
      ].join("\n\n"),
    )
    .join("\n\n");
}

function describeSections(explanation: Explanation, units: Look["units"]): Section[] {
  const { model, tensors: classified, files, hub } = explanation;
  if (!model) return [];
  const bytes = (value: number) => formatBytes(value, units);
  const sections: Section[] = [{ title: makePrintable(model.id), lines: describeModel(model, bytes) }];
  const { total, byRole, byDtype } = model.parameters;
  if (total && byRole)
    sections.push({ title: "Parameters by role", columns: describeShares("role", byRole, total) });
  if (total && Object.keys(byDtype).length > 0)
    sections.push({ title: "Parameters by stored dtype", columns: describeShares("dtype", byDtype, total) });
  if (classified && classified.unpacked.length > 0)
    sections.push({
      title: "Unpacked",
      columns: [
        column(
          "packing",
          "left",
          classified.unpacked.map(({ packing }) => packing),
        ),
        column(
          "tensors",
          "right",
          classified.unpacked.map(({ tensors }) => String(tensors)),
        ),
        column(
          "stored",
          "right",
          classified.unpacked.map(({ storedBytes }) => bytes(storedBytes)),
        ),
        column(
          "weights",
          "right",
          classified.unpacked.map(({ parameters }) => groupDigits(parameters)),
        ),
      ],
    });
  if (classified && classified.notCounted.length > 0)
    sections.push({
      title: "Not counted",
      columns: [
        column(
          "reason",
          "left",
          classified.notCounted.map(({ reason }) => reason),
        ),
        column(
          "tensors",
          "right",
          classified.notCounted.map(({ tensors }) => String(tensors)),
        ),
        column(
          "elements",
          "right",
          classified.notCounted.map(({ elements }) => groupDigits(elements)),
        ),
        column(
          "such as",
          "left",
          classified.notCounted.map(({ example }) => makePrintable(example)),
        ),
      ],
    });
  if (files.used.length > 0)
    sections.push({ title: "Files used", columns: describeFiles(files.used, bytes) });
  const others = files.notUsed.filter(({ reason }) => reason !== "no weights");
  if (others.length > 0) sections.push({ title: "Weights not used", columns: describeFiles(others, bytes) });
  if (hub) sections.push({ title: "The Hub's count", lines: describeHub(hub) });
  return sections;
}

function describeModel(model: ModelReport, bytes: (value: number) => string): string[] {
  const { parameters, sizeClass, published } = model;
  const total = parameters.total === null ? "unknown" : groupDigits(parameters.total);
  const active =
    parameters.active === null || parameters.active === parameters.total
      ? ""
      : `, ${groupDigits(parameters.active)} of them active`;
  return [
    `parameters  ${total}${active}`,
    ...(sizeClass ? [`class       ${sizeClass.label}, by its ${sizeClass.basis}`] : []),
    ...(parameters.stored !== null && parameters.stored !== parameters.total
      ? [`stored      ${groupDigits(parameters.stored)} elements`]
      : []),
    ...(published
      ? [
          `download    ${bytes(published.bytes)} of ${published.format}${describeBits(published.bitsPerWeight)}`,
          ...(published.repositoryBytes === null
            ? []
            : [`repository  ${bytes(published.repositoryBytes)} in all`]),
        ]
      : []),
    `rests on    ${EVIDENCE[model.evidence]}${model.source === "catalog" ? " (built-in catalog)" : ""}`,
    ...(model.adapter
      ? [
          `adapter     ${makePrintable(
            [
              model.adapter.type,
              ...(model.adapter.rank === null ? [] : [`rank ${model.adapter.rank}`]),
              ...(model.adapter.targets.length > 0 ? [`on ${model.adapter.targets.join(", ")}`] : []),
              ...(model.adapter.base === null ? [] : [`of ${model.adapter.base}`]),
            ].join(" "),
          )}`,
        ]
      : []),
    ...(model.architecture === null ? [] : [`model       ${makePrintable(model.architecture)}`]),
    ...(model.revision === null ? [] : [`revision    ${model.revision}`]),
  ];
}

function describeBits(bitsPerWeight: number | null): string {
  return bitsPerWeight === null ? "" : `, ${bitsPerWeight.toFixed(2)} bits a weight`;
}

function describeShares(title: string, counts: Readonly<Record<string, number>>, total: number): Column[] {
  const rows = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a);
  return [
    column(
      title,
      "left",
      rows.map(([name]) => makePrintable(name)),
    ),
    column(
      "parameters",
      "right",
      rows.map(([, count]) => groupDigits(count)),
    ),
    column(
      "",
      "right",
      rows.map(([, count]) => formatCount(count)),
    ),
    column(
      "share",
      "right",
      rows.map(([, count]) => `${((100 * count) / total).toFixed(1)} %`),
    ),
  ];
}

function describeFiles(
  files: readonly { readonly path: string; readonly bytes: number; readonly reason?: string }[],
  bytes: (value: number) => string,
): Column[] {
  const shown = files.length > MOST_FILES ? files.slice(0, MOST_FILES - 1) : files;
  const rest = files.slice(shown.length);
  const rows = shown.map(({ path, bytes: size, reason }) => [makePrintable(path), bytes(size), reason ?? ""]);
  if (rest.length > 0)
    rows.push([`and ${rest.length} more`, bytes(rest.reduce((sum, file) => sum + file.bytes, 0)), ""]);
  const columns = [
    column(
      "file",
      "left",
      rows.map(([path]) => path ?? ""),
    ),
    column(
      "bytes",
      "right",
      rows.map(([, size]) => size ?? ""),
    ),
  ];
  return files.some(({ reason }) => reason !== undefined)
    ? [
        ...columns,
        column(
          "what it is",
          "left",
          rows.map(([, , reason]) => reason ?? ""),
        ),
      ]
    : columns;
}

function describeHub({ total, difference, reason }: NonNullable<Explanation["hub"]>): string[] {
  if (difference === null) return [groupDigits(total)];
  if (difference === 0) return [`${groupDigits(total)}, the same`];
  const words = `${groupDigits(total)}, ${groupDigits(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;
  return reason === null ? [words] : [words, reason];
}

function column(title: string, align: Column["align"], cells: readonly string[]): Column {
  return { title, unit: "", align, cells };
}

/** 2,506,172,416 */
function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
