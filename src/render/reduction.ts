import { TECHNIQUES } from "../contract/terms.ts";
import type { ReductionReport, ReductionRow } from "../contract/types.ts";
import { buildModelHead } from "./comparison.ts";
import { renderJson } from "./json.ts";
import type { DocumentFormat, RenderOptions, UnitSystem } from "./options.ts";
import {
  buildQuantizationTable,
  buildReductionTable,
  buildStepTable,
  formatShare,
  formatSize,
  listShownQuantizations,
  TECHNIQUE_TITLES,
} from "./reduction-table.ts";
import { renderSections, type Section } from "./sections.ts";
import { formatBytes } from "./units.ts";

/** Render what each technique leaves to download. Without a model, text and Markdown are empty. */
export async function renderReduction(
  report: ReductionReport,
  format: DocumentFormat,
  options: RenderOptions,
): Promise<string> {
  if (format === "json") return renderJson(report);
  return await renderSections(buildSections(report, options.units), format, options);
}

/** Build the tables first, then how their numbers come about and what they do not show, technique by technique. */
function buildSections(report: ReductionReport, units: UnitSystem): Section[] {
  const { model, rows, recipe } = report;
  const columns = listShownQuantizations(rows.filter(({ reason }) => reason === null));
  // The sizes of a whole family would be too many columns.
  const family = rows.filter(
    ({ technique, name }) => technique === "quantization" && !columns.includes(name),
  );
  const isAlone = rows.every(({ technique }) => technique === "quantization");
  const steps = recipe?.steps ?? [];
  const tables = [
    ...(isAlone ? [] : [buildReductionTable(rows, units)]),
    buildQuantizationTable(isAlone ? rows : family, units),
    buildStepTable(steps, units),
  ];
  const base = isAlone ? [] : columns.slice(0, 1).map((name) => `of the bytes of the model at ${name}`);
  const notes = [
    { title: "% left", lines: base },
    ...TECHNIQUES.map((technique) => ({
      title: TECHNIQUE_TITLES[technique],
      lines: explain(rows.filter((row) => row.technique === technique)),
    })),
    { title: "Recipe", lines: [...explain(steps), ...formatOutcome(report, units)] },
  ];
  return [
    // Tokenizer and config are the same, however the model is reduced.
    ...(model ? [buildModelHead({ ...model, companions: null }, units)] : []),
    ...tables.flatMap((table) => (table.rows.length > 0 ? [{ table }] : [])),
    ...notes.filter(({ lines }) => lines.length > 0),
  ];
}

/** Say how each number comes about or why there is none, which modules are meant, and what bytes do not show. */
function explain(rows: readonly ReductionRow[]): string[] {
  const caveats = rows.flatMap(({ caveat }) => caveat ?? []);
  const lines = [...formatRows(rows), ...formatTargets(rows), ...formatUnknown(rows), ...caveats];
  return [...new Set(lines)];
}

/** Format one line per explanation: rows with the same one share it. */
function formatRows(rows: readonly ReductionRow[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, arithmetic, reason } of rows) {
    const text = reason === null ? (arithmetic ?? "") : `not possible; ${reason}`;
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return [...names].map(([text, [first = "", ...others]]) => {
    const subject = others.length > 2 ? `${first} and ${others.length} more` : [first, ...others].join("; ");
    return `${subject}: ${text}`;
  });
}

/** Format the modules that a set of targets means for this model. */
function formatTargets(rows: readonly ReductionRow[]): string[] {
  return rows
    .flatMap(({ inputs: { targets, targetModules, modulesToSave } }) => [
      ...(targets === targetModules ? [] : [`${targets}: ${targetModules}`]),
      ...(modulesToSave ? [`saved: ${modulesToSave}`] : []),
    ])
    .map((legend) => legend.replaceAll(",", ", "));
}

/** Format why a table has `?`. */
function formatUnknown(rows: readonly ReductionRow[]): string[] {
  const sizes = rows.filter(({ reason }) => reason === null).flatMap((row) => row.sizes);
  return sizes.flatMap(({ quantization, reason }) =>
    reason === null ? [] : [`${quantization} ?: ${reason}`],
  );
}

/** Format the result of the whole recipe, once it leads to a single quantization. */
function formatOutcome({ recipe, model }: ReductionReport, units: UnitSystem): string[] {
  const [size, ...others] = recipe?.steps.at(-1)?.sizes ?? [];
  if (!recipe || !size || size.bytes === null || others.length > 0) return [];
  const share = size.shareOfModel === null ? "" : `, ${formatShare(size.shareOfModel)} %`;
  const original = model?.published
    ? `${share} of the original ${formatBytes(model.published.bytes, units)}`
    : "";
  return [`${recipe.text} leaves ${formatSize(size, units)} at ${size.quantization}${original}.`];
}
