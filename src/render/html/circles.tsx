import { hierarchy, pack } from "d3-hierarchy";
import type { VNode } from "preact";
import type { ModelReport } from "../../contract/types.ts";
import { makePrintable } from "../text.ts";
import { formatCount } from "../units.ts";

const WIDTH = 720;
const HEIGHT = 360;
/** A name of this many characters fits a circle of its radius. */
const CHARACTER_WIDTH = 7;

/** Draw models as circles whose areas are their parameters; those without a count are left to the table. */
export function Circles({ models }: { models: readonly ModelReport[] }): VNode | null {
  const drawn = models.flatMap(({ id, parameters: { total } }) =>
    total === null || total === 0 ? [] : [{ id, total }],
  );
  if (drawn.length < 2) return null;
  const root = hierarchy<{ id: string; total: number; children?: typeof drawn }>({
    id: "",
    total: 0,
    children: drawn,
  }).sum(({ total }) => total);
  const { children = [] } = pack<(typeof drawn)[number] & { children?: typeof drawn }>()
    .size([WIDTH, HEIGHT])
    .padding(6)(root);
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Parameters of the models, by area">
        {children.map(({ data: { id, total }, x, y, r }) => (
          <g transform={`translate(${round(x)} ${round(y)})`}>
            <title>{`${makePrintable(id)}: ${formatCount(total)} parameters`}</title>
            <circle r={round(Math.max(r, 1))} class="model" />
            {formatCount(total).length * CHARACTER_WIDTH < 2 * r ? (
              <text class="inside">
                {fits(shortId(id), r) ? (
                  <tspan x="0" dy="-0.2em">
                    {shortId(id)}
                  </tspan>
                ) : null}
                <tspan x="0" dy={fits(shortId(id), r) ? "1.2em" : "0.35em"}>
                  {formatCount(total)}
                </tspan>
              </text>
            ) : null}
          </g>
        ))}
      </svg>
      <figcaption>The area of a circle is the number of parameters.</figcaption>
    </figure>
  );
}

function shortId(id: string): string {
  return makePrintable(id.slice(id.indexOf("/") + 1));
}

function fits(text: string, radius: number): boolean {
  return text.length * CHARACTER_WIDTH < 2 * radius;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
