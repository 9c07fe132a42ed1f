import { TECHNIQUES } from "../contract/terms.ts";
import type { Column } from "./comparison.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import type { ReductionReport, ReductionRow } from "../contract/types.ts";
import {
  formatShare,
  nameColumns,
  tabulateReductions,
  tabulateSizes,
  tabulateSteps,
  TECHNIQUE_TITLES,
} from "./reduction-table.ts";
import type { Format, Look } from "./render.ts";
import { describeModel } from "./size-list.ts";
import { renderTable } from "./table.ts";
import { formatBytes, type UnitSystem } from "./units.ts";
import { wrapWords } from "./wrap.ts";

/** A table, or a title with what there is to say below it. */
type Section =
  { readonly columns: readonly Column[] } | { readonly title: string; readonly lines: readonly string[] };

const RENDERERS = {
  text: renderText,
  markdown: renderMarkdownParts,
  json: renderJson,
} satisfies Partial<Record<Format, (report: ReductionReport, look: Look) => string>>;

/** What each technique would leave to download; empty where the model could not be measured and a table has no place to say so. */
export function renderReduction(report: ReductionReport, format: keyof typeof RENDERERS, look: Look): string {
  return RENDERERS[format](report, look);
}

function renderText(report: ReductionReport, { width, paint, units }: Look): string {
  const sections = listSections(report, units).map((section) =>
    "columns" in section
      ? renderTable(section.columns, width, paint)
      : [
          paint.bold(section.title),
          ...section.lines.map((line) => wrapWords(line, width, "  ", "    ")),
        ].join("\n"),
  );
  return [...describeHead(report, units), ...sections].join("\n\n");
}

function renderMarkdownParts(report: ReductionReport, { units }: Look): string {
  const sections = listSections(report, units).map((section) =>
    "columns" in section
      ? renderMarkdown(section.columns)
      : `### ${section.title}\n\n${section.lines.map((line) => `- ${line}`).join("\n")}`,
  );
  return [...describeHead(report, units).map((head) => head.replace("\n", "\n\n")), ...sections].join("\n\n");
}

/** What a runtime fetches beside the weights is the same, however they are reduced. */
function describeHead({ model }: ReductionReport, units: UnitSystem): string[] {
  return model ? [describeModel({ ...model, companions: null }, units)] : [];
}

/** The tables first, then how their numbers come about and what they do not say, technique by technique. */
function listSections(report: ReductionReport, units: UnitSystem): Section[] {
  const { rows, recipe } = report;
  const columns = nameColumns(rows.filter(({ reason }) => reason === null));
  // The sizes of a whole family would be too many columns.
  const family = rows.filter(
    ({ technique, name }) => technique === "quantization" && !columns.includes(name),
  );
  const isAlone = rows.every(({ technique }) => technique === "quantization");
  const tables = isAlone
    ? [tabulateSizes(rows, units)]
    : [tabulateReductions(rows, units), tabulateSizes(family, units)];
  const steps = recipe?.steps ?? [];
  const notes = [
    { title: "% left", lines: isAlone ? [] : describeLeft(columns) },
    ...TECHNIQUES.map((technique) => ({
      title: TECHNIQUE_TITLES[technique],
      lines: explain(rows.filter((row) => row.technique === technique)),
    })),
    { title: "Recipe", lines: [...explain(steps), ...describeOutcome(report, units)] },
  ];
  return [
    ...[...tables, tabulateSteps(steps, units)].flatMap((table) =>
      table.length > 0 ? [{ columns: table }] : [],
    ),
    ...notes.filter(({ lines }) => lines.length > 0),
  ];
}

/** What the last column of the table of all techniques is a share of. */
function describeLeft([first]: readonly string[]): string[] {
  return first === undefined ? [] : [`of the bytes of the model at ${first}`];
}

/** How each number comes about, or why there is none, what is meant, and what bytes do not say. */
function explain(rows: readonly ReductionRow[]): string[] {
  const caveats = rows.flatMap(({ caveat }) => caveat ?? []);
  return [
    ...new Set([...describeRows(rows), ...describeTargets(rows), ...describeUnknown(rows), ...caveats]),
  ];
}

/** Rows of which the same is to be said share a line. */
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
  return rows
    .flatMap(({ inputs: { targets, targetModules, modulesToSave } }) => [
      ...(targets === targetModules ? [] : [`${targets}: ${targetModules}`]),
      ...(modulesToSave ? [`saved: ${modulesToSave}`] : []),
    ])
    .map((legend) => makePrintable(legend.replaceAll(",", ", ")));
}

/** Why a table has `?`. */
function describeUnknown(rows: readonly ReductionRow[]): string[] {
  const sizes = rows.filter(({ reason }) => reason === null).flatMap((row) => row.sizes);
  return sizes.flatMap(({ quantization, reason }) =>
    reason === null ? [] : [makePrintable(`${quantization} ?: ${reason}`)],
  );
}

/** The whole recipe in a sentence, if it says in which quantization. */
function describeOutcome({ recipe, model }: ReductionReport, units: UnitSystem): string[] {
  const last = recipe?.steps.at(-1);
  const [size, ...others] = last?.sizes ?? [];
  if (!recipe || !size || size.bytes === null || others.length > 0) return [];
  const share = size.shareOfModel === null ? "" : `, ${formatShare(size.shareOfModel)} %`;
  const now = model?.published ? `${share} of the ${formatBytes(model.published.bytes, units)} of now` : "";
  const about = size.basis === "predicted" ? "~" : "";
  return [`${recipe.text} leaves ${about}${formatBytes(size.bytes, units)} in ${size.quantization}${now}.`];
}
