import type { Column } from "./comparison.ts";

/** A GitHub-flavored Markdown table. */
export function renderMarkdown(columns: readonly Column[]): string {
  const heads = columns.map(({ title, unit }) => (unit === "" ? title : `${title} (${unit})`));
  const rules = columns.map(({ align }) => (align === "right" ? "---:" : "---"));
  const rows = (columns[0]?.cells ?? []).map((_, row) => columns.map(({ cells }) => cells[row] ?? ""));
  return [heads, rules, ...rows].map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n");
}

/** What would end a cell or become markup; names of repositories hold none of it, names of files may. */
function escapeCell(text: string): string {
  return text.replace(/[\\|`<>*[\]]|(?<=\s|^)_|_(?=\s|$)/g, (character) => `\\${character}`);
}
