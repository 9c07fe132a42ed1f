import { packSiblings } from "d3-hierarchy";
import type { VNode } from "preact";
import type { ModelReport } from "../../contract/types.ts";
import { makePrintable } from "../text.ts";
import { formatCount } from "../units.ts";

const WIDTH = 720;
const MAX_HEIGHT = 420;
/** Of the largest circles; phones show the picture at half its size. */
const FONT_SIZE = 20;
/** Smaller names are left to the table, and to the title of the circle. */
const MIN_FONT_SIZE = 8;
/** A character is this wide in its font size, on average. */
const CHARACTER_WIDTH = 0.62;
/** Between two circles, as a share of the radius of the largest. */
const GAP = 0.02;

interface Circle {
  readonly id: string;
  readonly total: number;
  readonly r: number;
  readonly x: number;
  readonly y: number;
}

/** Draw models as circles whose areas are their parameters; those without a count are left to the table. */
export function Circles({ models }: { models: readonly ModelReport[] }): VNode | null {
  const { circles, height } = layOut(models);
  if (circles.length < 2) return null;
  return (
    <figure>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${round(height)}`}
        role="img"
        aria-label="Parameters of the models, by area; the table has the same figures"
      >
        {circles.map(({ id, total, x, y, r }) => (
          <g transform={`translate(${round(x)} ${round(y)})`}>
            <title>{`${makePrintable(id)}: ${formatCount(total)} parameters`}</title>
            <circle r={round(Math.max(r, 1))} class="model" />
            <Label name={shortId(id)} count={formatCount(total)} radius={r} />
          </g>
        ))}
      </svg>
      <figcaption>The area of a circle is the number of parameters.</figcaption>
    </figure>
  );
}

function Label({ name, count, radius }: { name: string; count: string; radius: number }): VNode | null {
  const countSize = fit(count, radius);
  const bothSize = Math.min(fit(name, radius), countSize);
  if (countSize < MIN_FONT_SIZE) return null;
  const hasName = bothSize >= MIN_FONT_SIZE;
  return (
    <text class="inside" font-size={round(hasName ? bothSize : countSize)}>
      {hasName ? (
        <tspan x="0" dy="-0.2em">
          {name}
        </tspan>
      ) : null}
      <tspan x="0" dy={hasName ? "1.2em" : "0.35em"}>
        {count}
      </tspan>
    </text>
  );
}

/** Return the size in which a text fits near the middle of a circle. */
function fit(text: string, radius: number): number {
  return Math.min(FONT_SIZE, (1.7 * radius) / (text.length * CHARACTER_WIDTH));
}

/** Pack circles closely, lay the pack on its longer side, and let it fill the picture. */
function layOut(models: readonly ModelReport[]): { circles: readonly Circle[]; height: number } {
  const counted = models.flatMap(({ id, parameters: { total } }) =>
    total === null || total === 0 ? [] : [{ id, total, r: Math.sqrt(total) }],
  );
  const gap = GAP * Math.max(...counted.map(({ r }) => r));
  // The largest in the middle.
  const packed = packSiblings(
    counted.toSorted((a, b) => b.total - a.total).map((one) => ({ ...one, r: one.r + gap })),
  );
  const across = measureSide(packed, "x");
  const down = measureSide(packed, "y");
  const isTall = down.length > across.length;
  const [wide, high] = isTall ? [down, across] : [across, down];
  const scale = Math.min(WIDTH / wide.length, MAX_HEIGHT / high.length);
  const left = (WIDTH - wide.length * scale) / 2;
  const circles = packed.map(({ id, total, r, x, y }) => {
    const [along, below] = isTall ? [y, x] : [x, y];
    return {
      id,
      total,
      r: (r - gap) * scale,
      x: left + (along - wide.start) * scale,
      y: (below - high.start) * scale,
    };
  });
  return { circles, height: high.length * scale };
}

function measureSide(
  circles: readonly { readonly x: number; readonly y: number; readonly r: number }[],
  side: "x" | "y",
): { readonly start: number; readonly length: number } {
  const start = Math.min(...circles.map((circle) => circle[side] - circle.r));
  return { start, length: Math.max(...circles.map((circle) => circle[side] + circle.r)) - start };
}

function shortId(id: string): string {
  return makePrintable(id.slice(id.indexOf("/") + 1));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
