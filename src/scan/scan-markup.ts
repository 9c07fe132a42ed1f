/** HTML, Vue, Svelte and Astro → the models that their scripts name. */
import type { Find } from "./find.ts";
import { scanProgram } from "./scan-program.ts";
import { parseJavascript } from "./syntax/javascript.ts";
import type { IsLate } from "./syntax/read-tree.ts";

const SCRIPT = /<script\b[^>]*>|^---\s*$/gim;

export function scanMarkup(text: string, isLate: IsLate): Find[] {
  const finds: Find[] = [];
  let position = 0;
  for (const { 0: open, index } of text.matchAll(SCRIPT)) {
    if (index < position || /\bsrc\s*=/.test(open)) continue;
    const from = index + open.length;
    const close = open.startsWith("<") ? text.indexOf("</script", from) : text.indexOf("\n---", from);
    const to = close === -1 ? text.length : close;
    position = to + 4;
    const script = text.slice(from, to);
    finds.push(
      ...scanProgram(parseJavascript(script, isLate), "javascript").map((find) => ({
        ...find,
        at: find.at + from,
      })),
    );
  }
  return finds;
}
