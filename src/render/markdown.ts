import type { Column } from "./comparison.ts";

/** A GitHub-flavored Markdown table. Where rows are set in below titles, the titles are bold: leading spaces are lost. */
export function renderMarkdown(columns: readonly Column[]): string {
  const hasTitles = columns[0]?.cells.some(isSetIn) ?? false;
  const heads = columns.map(({ title, unit }) => (unit === "" ? title : `${title} (${unit})`));
  const rules = columns.map(({ align }) => (align === "right" ? "---:" : "---"));
  const rows = (columns[0]?.cells ?? []).map((_, row) => columns.map(({ cells }) => cells[row] ?? ""));
  const lines = rows.map(([first = "", ...others]) => {
    const name = escapeCell(first.trim());
    return [hasTitles && !isSetIn(first) ? `**${name}**` : name, ...others.map(escapeCell)];
  });
  return [heads.map(escapeCell), rules, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function isSetIn(cell: string): boolean {
  return cell.startsWith("  ");
}

/** What would end a cell or become markup; names of repositories hold none of it, names of files may. */
function escapeCell(text: string): string {
  return text.replace(/[\\|`<>*[\]]|(?<=\s|^)_|_(?=\s|$)/g, (character) => `\\${character}`);
}
