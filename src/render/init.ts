/** The budgets of a new config file: what each model measures today, and the limit. */
import type { ProposedBudget } from "../budget/propose.ts";
import type { RenderOptions } from "./options.ts";
import { renderSections } from "./sections.ts";
import { leftColumn, rightColumn, tabulate } from "./table.ts";
import { formatBytes } from "./units.ts";

export async function renderProposal(
  budgets: readonly ProposedBudget[],
  { file, next }: { readonly file: string; readonly next: string },
  options: RenderOptions,
): Promise<string> {
  const table = tabulate(budgets, [
    leftColumn("Model", ({ model }) => model),
    leftColumn("Quantization", ({ quantization }) => quantization ?? "as published"),
    rightColumn(
      "Today",
      ({ bytes, isPredicted }) => `${isPredicted ? "~" : ""}${formatBytes(bytes, options.units)}`,
    ),
    rightColumn("maxSize", ({ maxSize }) => maxSize),
  ]);
  const written = `wrote ${file}`;
  const sections = [
    { caption: [written], table },
    { title: "Next", commands: [next] },
  ];
  return renderSections(sections, "text", options);
}
