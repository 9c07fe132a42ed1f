/** How we say it: one report, one renderer a format. */
import { compareModels, type Column } from "./comparison.ts";
import { renderCsv } from "./csv.ts";
import { renderJson, renderNdjson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Paint } from "./paint.ts";
import type { Report } from "../contract/types.ts";
import { describeModel, listSizes } from "./size-list.ts";
import type { UnitSystem } from "./units.ts";

export const FORMATS = ["text", "markdown", "csv", "json", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];

/** What the reader's side of the report is like. */
export interface Look {
  readonly width: number;
  readonly paint: Paint;
  readonly units: UnitSystem;
}

const RENDERERS = {
  text: async (report, { width, paint, units }) => {
    const { renderTable } = await import("./table.ts"); // 12 ms that only a table is worth
    const { caption, columns } = arrange(report, units);
    return caption + renderTable(columns, width, paint);
  },
  markdown: (report, { units }) => {
    const { caption, columns } = arrange(report, units);
    return caption + renderMarkdown(columns);
  },
  csv: renderCsv,
  json: renderJson,
  ndjson: (report) => renderNdjson(report),
} satisfies Record<Format, (report: Report, look: Look) => string | Promise<string>>;

/** The report in a format, without a last line end; empty where that format has nothing to say. */
export async function renderReport(report: Report, format: Format, look: Look): Promise<string> {
  const hasNothing =
    report.models.length === 0 && format !== "json" && format !== "csv" && format !== "ndjson";
  return hasNothing ? "" : await RENDERERS[format](report, look);
}

/** More sizes than fit beside each other. */
const MANY_SIZES = 6;

/** Models as rows; the many sizes of one model as rows of their own, below a line about the model. */
function arrange({ models }: Report, units: UnitSystem): { caption: string; columns: Column[] } {
  const [model] = models;
  return model && models.length === 1 && model.sizes.length >= MANY_SIZES
    ? { caption: `${describeModel(model, units)}\n\n`, columns: listSizes(model, units) }
    : { caption: "", columns: compareModels(models, units) };
}
