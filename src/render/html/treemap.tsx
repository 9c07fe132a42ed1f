import { hierarchy, treemap, type HierarchyRectangularNode } from "d3-hierarchy";
import type { VNode } from "preact";
import { groupBy } from "../../format/group-by.ts";
import type { WeightGroups } from "../picture.ts";
import { makePrintable } from "../text.ts";
import { formatCount } from "../units.ts";
import { Key } from "./bars.tsx";

interface Node {
  readonly name: string;
  /** The role gives the color. */
  readonly role?: string;
  readonly parameters?: number;
  readonly children?: readonly Node[];
}

const WIDTH = 960;
const HEIGHT = 540;
/** Smaller text is shown once its layer is zoomed to. */
const LEGIBLE = 7;
/** Upright text is harder to read than lying text, and has to be larger by this factor. */
const EASIER = 1.5;

/** Draw the weights of one model as rectangles: layers, in them roles, in them dtypes. Each can be zoomed to. */
export function Treemap({ weights }: { weights: WeightGroups }): VNode | null {
  const root = hierarchy<Node>({ name: "the model", children: nest(weights) }).sum(
    ({ parameters }) => parameters ?? 0,
  );
  const laidOut = treemap<Node>().size([WIDTH, HEIGHT]).paddingInner(1).paddingTop(0)(root);
  if (!laidOut.value) return null;
  const roles = [...new Set(weights.map(({ role }) => role))];
  return (
    <figure class="treemap">
      <p>
        <button type="button" hidden data-zoom={`0 0 ${WIDTH} ${HEIGHT}`}>
          Show the whole model
        </button>{" "}
        <output />
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label="Parameters by layer, role and dtype">
        {(laidOut.children ?? []).map((layer) => (
          <Group layer={layer} />
        ))}
      </svg>
      <figcaption>
        Each rectangle is a layer; the parts of it are roles and dtypes. Choose one to see it larger.{" "}
        {roles.map((role) => (
          <Key name={`role-${role}`} text={role} />
        ))}
      </figcaption>
    </figure>
  );
}

function Group({ layer }: { layer: HierarchyRectangularNode<Node> }): VNode {
  const label = `${makePrintable(layer.data.name)}: ${formatCount(layer.value ?? 0)} parameters`;
  const box = [layer.x0, layer.y0, layer.x1 - layer.x0, layer.y1 - layer.y0].map(round);
  return (
    <g tabindex={0} role="button" data-zoom={box.join(" ")}>
      <text class="name">{label} </text>
      {layer.leaves().map((leaf) => (
        <Leaf leaf={leaf} />
      ))}
    </g>
  );
}

function Leaf({ leaf }: { leaf: HierarchyRectangularNode<Node> }): VNode {
  const { x0, y0, x1, y1, data, value = 0 } = leaf;
  const [width, height] = [x1 - x0, y1 - y0];
  const text = `${data.role ?? ""} ${makePrintable(data.name)} ${formatCount(value)}`;
  const fit = (along: number, across: number) => Math.min(across * 0.4, (along / text.length) * 1.6, 16);
  const isUpright = fit(height, width) > EASIER * fit(width, height);
  const size = isUpright ? fit(height, width) : fit(width, height);
  const [x, y] = [round((x0 + x1) / 2), round((y0 + y1) / 2)];
  return (
    <>
      <rect
        class={`role-${data.role ?? "other"}`}
        x={round(x0)}
        y={round(y0)}
        width={round(width)}
        height={round(height)}
      >
        {size > 1 ? null : <title>{text}</title>}
      </rect>
      {size > 1 ? (
        <text
          class={size < LEGIBLE ? "inside small" : "inside"}
          x={x}
          y={y}
          transform={isUpright ? `rotate(-90 ${x} ${y})` : undefined}
          font-size={round(size)}
          dy="0.35em"
        >
          {text}{" "}
        </text>
      ) : null}
    </>
  );
}

function nest(weights: WeightGroups): Node[] {
  const layers = groupBy(weights, ({ layer }) => layer ?? "outside of layers");
  return [...layers].map(([name, groups]) => ({
    name,
    children: groups.map(({ role, dtype, parameters }) => ({ name: dtype, role, parameters })),
  }));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
