import type { RenderOptions } from "./options.ts";
import type { Picture } from "./picture.ts";
import { escapeMarkdown, renderMarkdown, type Table } from "./table.ts";
import { makePrintable } from "./text.ts";

/** A part of a document: a title with its caption, over a table or lines. */
export interface Section {
  readonly title?: string;
  readonly caption?: readonly string[];
  readonly picture?: Picture;
  readonly table?: Table;
  /** The same table with a unit in each cell, which a narrow terminal shows the other way round. */
  readonly narrow?: Table;
  readonly lines?: readonly string[];
  /** Command lines, which are never broken. */
  readonly commands?: readonly string[];
}

export async function renderSections(
  sections: readonly Section[],
  format: "text" | "markdown" | "html",
  options: RenderOptions,
): Promise<string> {
  if (format === "html") {
    const { renderPage } = await import("./html/page.tsx");
    return await renderPage(sections, options.units);
  }
  const shown = sections.filter(
    ({ title, table, lines = [], commands = [] }) =>
      title !== undefined || table || lines.length + commands.length > 0,
  );
  if (format === "markdown") return shown.map(renderMarkdownSection).join("\n\n");
  const { layOutTable, wrapWords } = await import("./text-layout.ts"); // takes 12 ms, which JSON need not spend
  const { width, paint } = options;
  return shown
    .map(({ title, caption = [], table, narrow, lines = [], commands = [] }) => {
      const indent = title === undefined ? "" : "  ";
      const inside = { ...options, width: width - indent.length };
      const rows = table ? layOutTable(table, narrow, inside).split("\n") : [];
      return [
        ...(title === undefined ? [] : [paint.bold(makePrintable(title))]),
        ...caption.map(makePrintable),
        ...rows.map((row) => (row === "" ? "" : indent + row)),
        ...lines.map((line) => wrapWords(makePrintable(line), width, indent, `${indent}  `)),
        ...commands.map((command) => `  ${makePrintable(command)}`),
      ].join("\n");
    })
    .join("\n\n");
}

function renderMarkdownSection({ title, caption = [], table, lines = [], commands = [] }: Section): string {
  return [
    ...(title === undefined ? [] : [`### ${formatMarkdown(title)}`]),
    ...caption.map(formatMarkdown),
    ...(table ? [renderMarkdown(table)] : []),
    ...(lines.length > 0 ? [lines.map((line) => `- ${formatMarkdown(line)}`).join("\n")] : []),
    ...(commands.length > 0 ? [`\`\`\`sh\n${commands.map(makePrintable).join("\n")}\n\`\`\``] : []),
  ].join("\n\n");
}

function formatMarkdown(text: string): string {
  return escapeMarkdown(makePrintable(text));
}
