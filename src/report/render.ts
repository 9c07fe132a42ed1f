/** How we say it: one report, one renderer a format. */
import { compareModels } from "./comparison.ts";
import { renderCsv } from "./csv.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Paint } from "./paint.ts";
import type { Report } from "./schema.ts";
import type { UnitSystem } from "./units.ts";

export const FORMATS = ["text", "markdown", "csv", "json"] as const;
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
    return renderTable(compareModels(report.models, units), width, paint);
  },
  markdown: (report, { units }) => renderMarkdown(compareModels(report.models, units)),
  csv: renderCsv,
  json: renderJson,
} satisfies Record<Format, (report: Report, look: Look) => string | Promise<string>>;

/** The report in a format, without a last line end; empty where that format has nothing to say. */
export async function renderReport(report: Report, format: Format, look: Look): Promise<string> {
  const hasNothing = report.models.length === 0 && format !== "json" && format !== "csv";
  return hasNothing ? "" : await RENDERERS[format](report, look);
}
