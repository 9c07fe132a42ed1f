/** One HTML file without any request: blocks of text, tables and pictures, with a style and a script of its own. */
import { renderToString } from "preact-render-to-string";
import { VERSION } from "../../contract/version.ts";
import type { UnitSystem } from "../options.ts";
import type { Section } from "../sections.ts";
import { makePrintable } from "../text.ts";
import { SectionList } from "./section.tsx";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** Render a whole page. It opens from a disk, and its own policy forbids it any request. */
export async function renderPage(sections: readonly Section[], units: UnitSystem): Promise<string> {
  const title = "Sizes of models";
  const policy = [
    "default-src 'none'",
    `style-src '${await hash(STYLE)}'`,
    `script-src '${await hash(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy.join("; ")} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{makePrintable(title)}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{makePrintable(title)}</h1>
          <SectionList sections={sections} units={units} />
        </main>
        <footer>llm-size {VERSION}</footer>
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}`;
}

async function hash(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
