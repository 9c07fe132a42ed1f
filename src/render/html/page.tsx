/** One HTML file without any request: blocks of text, tables and pictures, with a style and a script of its own. */
import type { VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { OUTCOMES } from "../../contract/terms.ts";
import { VERSION } from "../../contract/version.ts";
import type { UnitSystem } from "../options.ts";
import type { Picture } from "../picture.ts";
import type { Section } from "../sections.ts";
import type { Table } from "../table.ts";
import { makePrintable } from "../text.ts";
import { Bars } from "./bars.tsx";
import { Circles } from "./circles.tsx";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { Treemap } from "./treemap.tsx";

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
          {sections.map((section) => (
            <SectionView section={section} units={units} />
          ))}
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

function SectionView({ section, units }: { section: Section; units: UnitSystem }): VNode {
  const { title, caption = [], picture, table, lines = [] } = section;
  return (
    <section>
      {title === undefined ? null : <h2>{makePrintable(title)}</h2>}
      {caption.map((line) => (
        <p>{makePrintable(line)}</p>
      ))}
      {picture ? <PictureView picture={picture} units={units} /> : null}
      {table && table.rows.length > 0 ? <TableView table={table} label={title} /> : null}
      {lines.length > 0 ? (
        <ul>
          {lines.map((line) => (
            <li>{makePrintable(line)}</li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function PictureView({ picture, units }: { picture: Picture; units: UnitSystem }): VNode {
  switch (picture.kind) {
    case "circles":
      return <Circles models={picture.models} />;
    case "bars":
      return <Bars model={picture.model} units={units} />;
    case "treemap":
      return <Treemap weights={picture.weights} />;
  }
}

function TableView({ table: { heads, rows }, label }: { table: Table; label: string | undefined }): VNode {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={makePrintable(label ?? "Table")}>
      <table>
        <thead>
          <tr>
            {heads.map(({ title, unit, align }) => (
              <th scope="col" class={align}>
                {title} {unit === "" ? null : <span>{unit}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, index) => (
                <Cell text={cell} isFirst={index === 0} align={heads[index]?.align} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A verdict gets a color; its word says the same. */
function Cell({
  text,
  isFirst,
  align,
}: {
  text: string;
  isFirst: boolean;
  align: string | undefined;
}): VNode {
  const outcome = OUTCOMES.find((word) => word === text);
  const names = [align, outcome].filter(Boolean).join(" ");
  return isFirst && outcome === undefined ? (
    <th scope="row" class={names}>
      {text.trim()}
    </th>
  ) : (
    <td class={names}>{text.trim()}</td>
  );
}
