/** One part of a document as HTML: of the report, and of the page that measures in a browser. */
import type { VNode } from "preact";
import { FIT_OUTCOMES, OUTCOMES } from "../../contract/terms.ts";
import type { UnitSystem } from "../options.ts";
import type { Picture } from "../picture.ts";
import type { Section } from "../sections.ts";
import type { Table } from "../table.ts";
import { makePrintable } from "../text.ts";
import { Bars } from "./bars.tsx";
import { Circles } from "./circles.tsx";
import { Treemap } from "./treemap.tsx";

/** Render the parts of a document; the name of each table is different, as a screen reader lists them. */
export function SectionList({ sections, units }: { sections: readonly Section[]; units: UnitSystem }): VNode {
  const counts = new Map<string, number>();
  let heading = "Models";
  return (
    <>
      {sections.map((section) => {
        heading = section.title ?? heading;
        const count = (counts.get(heading) ?? 0) + (section.table ? 1 : 0);
        counts.set(heading, count);
        const label = count > 1 ? `${heading}, table ${count}` : heading;
        return <SectionView section={section} label={label} units={units} />;
      })}
    </>
  );
}

interface SectionProps {
  readonly section: Section;
  readonly label: string;
  readonly units: UnitSystem;
}

/** Render a part of a document: its title, picture, table and lines. */
function SectionView({ section, label, units }: SectionProps): VNode {
  const { title, caption = [], picture, table, lines = [], commands = [] } = section;
  return (
    <section>
      {title === undefined ? null : <h2>{makePrintable(title)}</h2>}
      {caption.map((line) => (
        <p>{makePrintable(line)}</p>
      ))}
      {picture ? <PictureView picture={picture} units={units} /> : null}
      {table && table.rows.length > 0 ? <TableView table={table} label={label} /> : null}
      {lines.length > 0 ? (
        <ul>
          {lines.map((line) => (
            <li>{makePrintable(line)}</li>
          ))}
        </ul>
      ) : null}
      {commands.length > 0 ? <pre tabindex={0}>{commands.map(makePrintable).join("\n")}</pre> : null}
    </section>
  );
}

function PictureView({ picture, units }: { picture: Picture; units: UnitSystem }): VNode {
  switch (picture.kind) {
    case "circles":
      return <Circles models={picture.models} />;
    case "bars":
      return <Bars model={picture.model} budgets={picture.budgets ?? []} units={units} />;
    case "treemap":
      return <Treemap weights={picture.weights} />;
  }
}

function TableView({ table: { heads, rows }, label }: { table: Table; label: string }): VNode {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={makePrintable(label)}>
      <table>
        <thead>
          <tr>
            {heads.map(({ title, unit, align }) =>
              title === "" && unit === "" ? (
                <td />
              ) : (
                <th scope="col" class={align}>
                  {title} {unit === "" ? null : <span>{unit}</span>}
                </th>
              ),
            )}
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

/** Words that get a color, which says the same. */
const COLORED: readonly string[] = [...OUTCOMES, ...FIT_OUTCOMES];

function Cell({
  text,
  isFirst,
  align,
}: {
  text: string;
  isFirst: boolean;
  align: string | undefined;
}): VNode {
  const outcome = COLORED.find((word) => word === text);
  const names = [align, outcome].filter(Boolean).join(" ");
  return isFirst && outcome === undefined ? (
    <th scope="row" class={names}>
      {text.trim()}
    </th>
  ) : (
    <td class={names}>{text.trim()}</td>
  );
}
