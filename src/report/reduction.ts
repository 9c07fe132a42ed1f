import type { Technique } from "../reduce/reduction.ts";
import type { Column } from "./comparison.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import type { ReductionReport, ReductionRow } from "./reduction-schema.ts";
import type { Format, Look } from "./render.ts";
import type { ModelReport } from "./schema.ts";
import { describeModel, shortenNames } from "./size-list.ts";
import { renderTable } from "./table.ts";
import { formatBytes, formatBytesTogether, formatCountsTogether, type UnitSystem } from "./units.ts";
import { wrapWords } from "./wrap.ts";

/** The rows of one technique: a table, how its numbers come about, and what they do not say. */
interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly lines: readonly string[];
}

const TITLES = {
  quantization: "Quantization",
  lora: "LoRA adapter",
  pruning: "Pruning",
  distillation: "Distillation",
  sharing: "Sharing",
} as const satisfies Record<Technique, string>;

const RECIPE = "Recipe";

const RENDERERS = {
  text: renderText,
  markdown: renderMarkdownSections,
  json: renderJson,
} satisfies Partial<Record<Format, (report: ReductionReport, look: Look) => string>>;

/** What each technique would leave to download; empty where the model could not be measured and a table has no place to say so. */
export function renderReduction(report: ReductionReport, format: keyof typeof RENDERERS, look: Look): string {
  return RENDERERS[format](report, look);
}

function renderText(report: ReductionReport, { width, paint, units }: Look): string {
  const { model } = report;
  if (!model) return "";
  const sections = listSections(report, units).map(({ columns, lines }) =>
    [
      ...(columns.length > 0 ? [renderTable(columns, width, paint)] : []),
      ...lines.map((line) => paint.dim(wrapWords(line, width, "  ", "    "))),
    ].join("\n"),
  );
  return [describeModel(withoutCompanions(model), units), ...sections].join("\n\n");
}

function renderMarkdownSections(report: ReductionReport, { units }: Look): string {
  const { model } = report;
  if (!model) return "";
  const sections = listSections(report, units).flatMap(({ title, columns, lines }) => [
    `### ${title}`,
    ...(columns.length > 0 ? [renderMarkdown(columns)] : []),
    lines.map((line) => `- ${line}`).join("\n"),
  ]);
  return [describeModel(withoutCompanions(model), units).replace("\n", "\n\n"), ...sections].join("\n\n");
}

/** What a runtime fetches beside the weights is the same, however they are reduced. */
function withoutCompanions(model: ModelReport): ModelReport {
  return { ...model, companions: null };
}

function listSections(report: ReductionReport, units: UnitSystem): Section[] {
  const { rows, recipe, model } = report;
  const titles = [...new Set(rows.map(titleRow))];
  const sections = titles.map((title) =>
    describeSection(
      title,
      rows.filter((row) => titleRow(row) === title),
      units,
    ),
  );
  if (!recipe || !model) return sections;
  const section = describeSection(RECIPE, recipe.steps, units);
  return [...sections, { ...section, lines: [...section.lines, ...describeOutcome(report, units)] }];
}

/** Adapters are small; with an embedding, and as many models, they are of another unit. */
function titleRow({ technique, inputs }: ReductionRow): string {
  if ("tasks" in inputs) return "Many tasks";
  if (inputs["modulesToSave"]) return "LoRA adapter and modules saved";
  return TITLES[technique];
}

function describeSection(title: string, rows: readonly ReductionRow[], units: UnitSystem): Section {
  const shown = rows.filter(({ reason }) => reason === null);
  const isQuantization = rows.every(({ technique }) => technique === "quantization") && title !== RECIPE;
  const columns = isQuantization ? listSizes(title, shown, units) : listReductions(title, shown, units);
  const limits = [...new Set(shown.flatMap(({ limit }) => limit ?? []))];
  return {
    title,
    columns: shown.length > 0 ? columns : [],
    lines: [...describeRows(rows), ...describeTargets(rows), ...describeUnknown(shown), ...limits],
  };
}

/** How each number comes about, or why there is none; rows of which the same is to be said share a line. */
function describeRows(rows: readonly ReductionRow[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, arithmetic, reason } of rows) {
    const said = reason === null ? (arithmetic ?? "") : `not possible; ${reason}`;
    names.set(said, [...(names.get(said) ?? []), name]);
  }
  return [...names].map(([said, [first = "", ...others]]) => {
    const subject = others.length > 2 ? `${first} and ${others.length} more` : [first, ...others].join("; ");
    return makePrintable(`${subject}: ${said}`);
  });
}

/** The modules that a set of targets means for this model. */
function describeTargets(rows: readonly ReductionRow[]): string[] {
  const legends = rows.flatMap(({ inputs: { targets, targetModules, modulesToSave, tasks } }) => [
    ...(targets === targetModules || tasks !== undefined ? [] : [`${targets}: ${targetModules}`]),
    ...(modulesToSave ? [`saved: ${modulesToSave}`] : []),
  ]);
  return [...new Set(legends)].map((legend) => makePrintable(legend.replaceAll(",", ", ")));
}

/** Why a table has `?`. */
function describeUnknown(rows: readonly ReductionRow[]): string[] {
  const sizes = rows.flatMap((row) => row.sizes);
  const reasons = sizes.flatMap(({ quantization, reason }) =>
    reason === null ? [] : [`${quantization} ?: ${reason}`],
  );
  return [...new Set(reasons)].map(makePrintable);
}

/** A quantization is a row with one size of its own. */
function listSizes(title: string, rows: readonly ReductionRow[], units: UnitSystem): Column[] {
  const sizes = rows.map((row) => row.sizes[0]);
  const { unit, texts } = formatBytesTogether(
    sizes.map((size) => size?.bytes ?? null),
    units,
  );
  return [
    column(title, shortenNames(rows.map(({ name }) => name)), { align: "left" }),
    column(
      "size",
      sizes.map((size, index) => `${size?.basis === "predicted" ? "~" : ""}${texts[index] ?? "?"}`),
      { unit },
    ),
    column(
      "bits",
      rows.map(({ inputs }) => Number(inputs["bitsPerWeight"] ?? Number.NaN).toFixed(2)),
      { unit: "a weight" },
    ),
    column(
      "left",
      sizes.map((size) => formatShare(size?.shareOfModel ?? null)),
      { unit: "% of now" },
    ),
  ];
}

function listReductions(title: string, rows: readonly ReductionRow[], units: UnitSystem): Column[] {
  const quantizations = [
    ...new Set(rows.flatMap(({ sizes }) => sizes.map(({ quantization }) => quantization))),
  ];
  const parameters = formatCountsTogether(rows.map((row) => row.parameters));
  const titles = shortenNames(quantizations);
  return [
    column(
      title,
      rows.map(({ name }) => makePrintable(name)),
      { align: "left" },
    ),
    column(
      "params",
      parameters.texts.map((text) => text ?? "?"),
      { unit: parameters.unit },
    ),
    ...quantizations.map((quantization, index) => {
      const sizes = rows.map((row) => row.sizes.find((size) => size.quantization === quantization));
      const { unit, texts } = formatBytesTogether(
        sizes.map((size) => size?.bytes ?? null),
        units,
      );
      const cells = sizes.map((size, row) => {
        if (!size) return "";
        return `${size.basis === "predicted" ? "~" : ""}${texts[row] ?? "?"}`;
      });
      return column(titles[index] ?? quantization, cells, { unit });
    }),
    column(
      "left",
      rows.map(({ sizes }) =>
        formatShare((title === RECIPE ? sizes.at(-1) : sizes[0])?.shareOfModel ?? null),
      ),
      { unit: `% of ${title === RECIPE ? "now" : (titles[0] ?? "it")}` },
    ),
  ];
}

/** The whole recipe in a sentence. */
function describeOutcome({ recipe, model }: ReductionReport, units: UnitSystem): string[] {
  const last = recipe?.steps.at(-1);
  const size = last?.sizes.at(-1);
  if (!recipe || !last || last.reason !== null || !size) return [];
  if (size.bytes === null) return [`${recipe.text}: unknown in ${size.quantization}, ${size.reason ?? "?"}`];
  const share = size.shareOfModel === null ? "" : `, ${formatShare(size.shareOfModel)} %`;
  const now = model?.published ? `${share} of the ${formatBytes(model.published.bytes, units)} of now` : "";
  const about = size.basis === "predicted" ? "~" : "";
  return [`${recipe.text} leaves ${about}${formatBytes(size.bytes, units)} in ${size.quantization}${now}.`];
}

/** 0.0123 → `1.23` */
function formatShare(share: number | null): string {
  if (share === null) return "?";
  const percent = 100 * share;
  return percent >= 100 ? String(Math.round(percent)) : percent.toPrecision(3);
}

function column(
  title: string,
  cells: readonly string[],
  { unit = "", align = "right" }: { readonly unit?: string; readonly align?: Column["align"] },
): Column {
  return { title, unit, align, cells };
}
