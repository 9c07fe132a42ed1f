/** The table of package formats in docs/formats.md. */
import { FORMAT_NAMES, formatTitle } from "../../src/format/packages/format-names.ts";
import { PACKAGE_FORMATS } from "../../src/format/packages/package-formats.ts";
import { FORMAT_EXAMPLES } from "../format/packages/format-examples.ts";

const TABLE = /(?<=<!-- formats -->\n)[^]*?(?=<!-- \/formats -->)/;

const ROWS = [
  ["format", "one download", "parameters from", "example"],
  ["---", "---", "---", "---"],
  ...FORMAT_NAMES.map((name) => {
    const { repository, download } = FORMAT_EXAMPLES[name];
    const source = PACKAGE_FORMATS[name].reader === undefined ? "–" : "headers";
    return [formatTitle(name), download, source, `\`${repository}\``];
  }),
];

/** Return the cells of the table that a page shows. */
export function readFormatTable(page: string): string[][] {
  const lines = (TABLE.exec(page)?.[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim().replace(/^-{3,}$/, "---")),
  );
}

/** The cells that the code and its examples give. */
export const FORMAT_TABLE: readonly (readonly string[])[] = ROWS;

/** Write the table into a page. */
export function writeFormatTable(page: string): string {
  return page.replace(TABLE, () => `\n${ROWS.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n\n`);
}
