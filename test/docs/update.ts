/** Run every command block of README.md and docs and write what it prints below it, and the table of formats: `npm run docs`. */
import { OUTPUT_BLOCK, PAGES, readPage, runLine, writePage } from "./blocks.ts";
import { writeFormatTable } from "./formats.ts";

for (const page of PAGES) {
  const text = writeFormatTable(readPage(page));
  let updated = "";
  let end = 0;
  for (const match of text.matchAll(OUTPUT_BLOCK)) {
    const command = match.groups?.["command"] ?? "";
    const { stdout } = await runLine(command);
    updated += `${text.slice(end, match.index)}\`\`\`console\n$ ${command}\n${stdout}\`\`\``;
    end = match.index + match[0].length;
  }
  writePage(page, updated + text.slice(end));
}
