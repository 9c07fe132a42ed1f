import { listNames } from "../contract/list-names.ts";
import type { Explanation, ModelFile, ModelReport } from "../contract/types.ts";
import { renderJson } from "./json.ts";
import type { DocumentFormat, RenderOptions, UnitSystem } from "./options.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, rightColumn, tabulate, type Column, type Table } from "./table.ts";
import { formatBytes, formatCount, groupDigits } from "./units.ts";

/** A terminal gets at most this many files and the sum of the others. */
const MOST_FILES = 12;

const EVIDENCE = {
  headers: "headers of all weight files",
  summary: "the Hub's totals; the files cannot be read",
  base: "the base model that its card names; its own headers cannot be read",
  files: "file sizes only; the headers cannot be read",
} as const satisfies Record<ModelReport["evidence"], string>;

/** Render where each number of a model comes from. Without a model, text and Markdown are empty. */
export async function renderExplanation(
  explanation: Explanation,
  format: DocumentFormat,
  options: RenderOptions,
): Promise<string> {
  if (format === "json") return renderJson(explanation);
  return await renderSections(buildSections(explanation, format, options), format, options);
}

function buildSections(
  explanation: Explanation,
  format: DocumentFormat,
  { units, isTerminal }: RenderOptions,
): Section[] {
  const { model, tensors, files, hub } = explanation;
  if (!model) return [];
  const { total, byRole, byDtype } = model.parameters;
  const { unpacked, weights, notCounted } = tensors ?? { unpacked: [], weights: [], notCounted: [] };
  const mostFiles = isTerminal ? MOST_FILES : Infinity;
  const others = files.notUsed.filter(({ reason }) => reason !== "no weights");
  const tables: [title: string, table: Table][] = [
    ["Parameters by role", buildShares("role", byRole ?? {}, total ?? 0)],
    ["Parameters by stored dtype", buildShares("dtype", total ? byDtype : {}, total ?? 0)],
    [
      "Unpacked",
      tabulate(unpacked, [
        leftColumn("packing", ({ packing }) => packing),
        rightColumn("tensors", (row) => row.tensors),
        rightColumn("stored", ({ storedBytes }) => formatBytes(storedBytes, units)),
        rightColumn("weights", ({ parameters }) => groupDigits(parameters)),
      ]),
    ],
    [
      "Not counted",
      tabulate(notCounted, [
        leftColumn("reason", ({ reason }) => reason),
        rightColumn("tensors", (row) => row.tensors),
        rightColumn("elements", ({ elements }) => groupDigits(elements)),
        leftColumn("example", ({ example }) => example),
      ]),
    ],
    ...buildQuantized(explanation, units),
    ["Files used", buildFiles(files.used, mostFiles, units)],
    ["Other files", buildFiles(others, mostFiles, units)],
  ];
  return [
    {
      title: model.id,
      lines: listFacts(model, units).map(([name, fact]) =>
        format === "text" ? `${name.padEnd(10)}  ${fact}` : `${name}: ${fact}`,
      ),
    },
    ...(format === "html"
      ? [
          { title: "Sizes", picture: { kind: "bars", model } as const },
          { title: "Weights", picture: { kind: "treemap", weights } as const },
        ]
      : []),
    ...tables.filter(([, { rows }]) => rows.length > 0).map(([title, table]) => ({ title, table })),
    ...(hub ? [{ title: "The Hub's count", lines: formatHub(hub) }] : []),
  ];
}

/** Build the tables of each size that differs by publisher, and of each file whose tensors are known. */
function buildQuantized({ model, quantized }: Explanation, units: UnitSystem): [string, Table][] {
  const variants = (model?.sizes ?? [])
    .filter((size) => size.bytes !== null && size.variants.length > 0)
    .map((size): [string, Table] => [
      `Sizes of ${size.quantization}`,
      tabulate(
        [
          { because: size.assumptions.join(", ") || "main prediction", bytes: size.bytes ?? 0 },
          ...size.variants,
        ],
        [
          leftColumn("variant", ({ because }) => because),
          rightColumn("size", ({ bytes }) => formatBytes(bytes, units)),
          rightColumn("bytes", ({ bytes }) => groupDigits(bytes)),
        ],
      ),
    ]);
  const tensors = quantized.map(({ quantization, tensors: rows }): [string, Table] => [
    `Tensors of ${quantization}`,
    tabulate(rows, [
      leftColumn("tensor", ({ name, layers }) => name.replace("*", () => layers ?? "*")),
      leftColumn("type", ({ type }) => type),
      rightColumn("weights", ({ parameters }) => groupDigits(parameters)),
      rightColumn("size", ({ bytes }) => formatBytes(bytes, units)),
    ]),
  ]);
  return [...variants, ...tensors];
}

function listFacts(model: ModelReport, units: UnitSystem): [name: string, fact: string][] {
  const { parameters, sizeClass, published, adapter } = model;
  const { total, stored } = parameters;
  const facts: Record<string, string | null> = {
    parameters: total === null ? "unknown" : groupDigits(total),
    active: formatActive(parameters),
    class: sizeClass && `${sizeClass.label}, by ${sizeClass.basis}`,
    stored: stored === null || stored === total ? null : `${groupDigits(stored)} elements`,
    download:
      published &&
      `${formatBytes(published.bytes, units)} of ${published.format}` +
        (published.bitsPerWeight === null ? "" : `, ${published.bitsPerWeight.toFixed(2)} bits per weight`) +
        (published.projectorBytes === null
          ? ""
          : `, and a projector of ${formatBytes(published.projectorBytes, units)}`),
    repository:
      typeof published?.repositoryBytes === "number"
        ? `${formatBytes(published.repositoryBytes, units)} in total`
        : null,
    source: EVIDENCE[model.evidence] + (model.source === "catalog" ? " (built-in catalog)" : ""),
    adapter: adapter && formatAdapter(adapter),
    model: model.architecture,
    revision: model.revision,
  };
  return Object.entries(facts).flatMap(([name, fact]): [string, string][] =>
    fact === null ? [] : [[name, fact]],
  );
}

/** Both counts of active parameters, where they say more than the total. */
function formatActive({ total, active, activeNonEmbedding }: ModelReport["parameters"]): string | null {
  if (active === null || activeNonEmbedding === null) return null;
  const words = [
    ...(active === total ? [] : [`${groupDigits(active)} per token`]),
    ...(activeNonEmbedding === active
      ? []
      : [`${groupDigits(activeNonEmbedding)} non-embedding, as papers count`]),
  ];
  return words.length === 0 ? null : words.join("; ");
}

/** @example formatAdapter(adapter) //=> "lora rank 16 on q_proj, v_proj of google/gemma-2b" */
function formatAdapter({ type, rank, targets, base }: NonNullable<ModelReport["adapter"]>): string {
  return [
    type,
    ...(rank === null ? [] : [`rank ${rank}`]),
    ...(targets.length > 0 ? [`on ${listNames(targets, 8)}`] : []),
    ...(base === null ? [] : [`of ${base}`]),
  ].join(" ");
}

function buildShares(title: string, counts: Readonly<Record<string, number>>, total: number): Table {
  const rows = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a);
  return tabulate(rows, [
    leftColumn(title, ([name]) => name),
    rightColumn("parameters", ([, count]) => groupDigits(count)),
    rightColumn("", ([, count]) => formatCount(count)),
    rightColumn("share", ([, count]) => `${((100 * count) / total).toFixed(1)} %`),
  ]);
}

type FileRow = Omit<ModelFile, "sha256"> & { readonly reason?: string };

/** Build a table of at most `most` rows; the last one sums up the files that are left. */
function buildFiles(files: readonly FileRow[], most: number, units: UnitSystem): Table {
  const shown = files.length > most ? files.slice(0, most - 1) : files;
  const rest = files.slice(shown.length);
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows: readonly FileRow[] =
    rest.length > 0 ? [...shown, { path: `and ${rest.length} more`, bytes: restBytes }] : shown;
  const columns: Column<FileRow>[] = [
    leftColumn("file", ({ path }) => path),
    rightColumn("bytes", ({ bytes }) => formatBytes(bytes, units)),
  ];
  if (files.some(({ reason }) => reason !== undefined))
    columns.push(leftColumn("reason", ({ reason }) => reason));
  return tabulate(rows, columns);
}

function formatHub({ total, difference, reason }: NonNullable<Explanation["hub"]>): string[] {
  const count = groupDigits(total);
  if (difference === null) return [count];
  if (difference === 0) return [`${count}, the same`];
  const words = `${count}, ${groupDigits(Math.abs(difference))} ${difference > 0 ? "more" : "fewer"}`;
  return reason === null ? [words] : [words, reason];
}
