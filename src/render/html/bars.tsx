import { scaleLinear } from "d3-scale";
import type { VNode } from "preact";
import type { MemoryReport, ModelReport, Verdict } from "../../contract/types.ts";
import type { UnitSystem } from "../options.ts";
import { formatRange, isRange } from "../table.ts";
import { makePrintable } from "../text.ts";
import { formatBytes } from "../units.ts";

interface Bar {
  readonly label: string;
  readonly basis: "published" | "computed" | "predicted";
  readonly bytes: number;
  /** The smallest and the largest variant, as the table has them. */
  readonly leastBytes: number;
  readonly mostBytes: number;
}

interface Line {
  readonly label: string;
  readonly bytes: number;
}

const WIDTH = 720;
const LABELS = 170;
const FIGURES = 120;
const ROW = 24;
const AXIS = 22;
const LIMIT_LABEL = 18;
/** A longer label would begin outside of the picture. */
const MAX_LABEL = 22;

interface Props {
  readonly model: ModelReport;
  readonly budgets: readonly Verdict[];
  readonly units: UnitSystem;
}

/** Draw the sizes of one model as bars: files that exist, then what each quantization would take. */
export function Bars({ model, budgets, units }: Props): VNode | null {
  const bars = listBars(model);
  if (bars.length === 0) return null;
  const longest = Math.max(...bars.map(({ mostBytes }) => mostBytes));
  const lines = listLines(model.memory, budgets, longest);
  const x = scaleLinear(
    [0, Math.max(longest, ...lines.map(({ bytes }) => bytes))],
    [0, WIDTH - LABELS - FIGURES],
  );
  const top = lines.length * LIMIT_LABEL;
  const bottom = top + bars.length * ROW;
  const format = ({ basis, bytes, leastBytes, mostBytes }: Bar) =>
    `${basis === "predicted" ? "~" : ""}${isRange(leastBytes, mostBytes) ? formatRange(leastBytes, mostBytes, units) : formatBytes(bytes, units)}`;
  const texts = [
    ...bars.map((bar) => `${bar.label}: ${format(bar)}, ${bar.basis}`),
    ...lines.map(({ label, bytes }) => `limit ${label}: ${formatBytes(bytes, units)}`),
  ];
  const what = isMemory(model) ? "Memory" : "Sizes";
  return (
    <figure>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${bottom + AXIS}`}
        role="img"
        aria-label={makePrintable(`${what} of ${model.id}. ${texts.join("; ")}`)}
      >
        {x.ticks(5).map((bytes) => (
          <g class="axis" transform={`translate(${LABELS + x(bytes)} 0)`}>
            <line y1={top} y2={bottom} />
            <text y={bottom + 15}>{formatBytes(bytes, units)}</text>
          </g>
        ))}
        {lines.map(({ bytes }, index) => (
          <g class="limit" transform={`translate(${LABELS + x(bytes)} 0)`}>
            <line y1={(index + 1) * LIMIT_LABEL - 3} y2={bottom} />
          </g>
        ))}
        {bars.map((bar, index) => (
          <g transform={`translate(${LABELS} ${top + index * ROW})`}>
            <title>{makePrintable(texts[index] ?? "")}</title>
            <text class="label" x="-8" y="16">
              {makePrintable(shorten(bar.label))}
            </text>
            <rect class={bar.basis} y="4" height="16" width={Math.max(x(bar.bytes), 1)} />
            {isRange(bar.leastBytes, bar.mostBytes) ? (
              <rect
                class="range"
                x={x(bar.leastBytes)}
                y="10"
                height="4"
                width={x(bar.mostBytes) - x(bar.leastBytes)}
              />
            ) : null}
            <text class="figure" x={x(bar.mostBytes) + 6} y="16">
              {format(bar)}
            </text>
          </g>
        ))}
        {lines.map(({ label, bytes }, index) => (
          <text
            class={`limit ${x(bytes) < LABELS ? "right" : "left"}`}
            x={LABELS + x(bytes)}
            y={index * LIMIT_LABEL + 13}
          >
            {makePrintable(label)}: {formatBytes(bytes, units)}
          </text>
        ))}
      </svg>
      <figcaption>
        {isMemory(model) ? "Memory with the KV cache: " : null}
        {(["published", "computed", "predicted"] as const)
          .filter((basis) => bars.some((bar) => bar.basis === basis))
          .map((basis) => (
            <Key name={basis} text={basis} />
          ))}
        {bars.some((bar) => isRange(bar.leastBytes, bar.mostBytes)) ? (
          <Key name="range" text="from the smallest to the largest variant" />
        ) : null}
        {lines.length > 0 ? <Key name="line" text="limit" /> : null}
      </figcaption>
    </figure>
  );
}

/** Render a color of a picture and its meaning. */
export function Key({ name, text }: { name: string; text: string }): VNode {
  return (
    <>
      <span class="entry">
        <span class={`key ${name}`} /> {text}
      </span>{" "}
    </>
  );
}

function shorten(label: string): string {
  return label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
}

function isMemory({ memory }: ModelReport): boolean {
  return memory !== null && memory.devices.length > 0;
}

function listBars(model: ModelReport): Bar[] {
  const { published, sizes, memory } = model;
  if (memory && isMemory(model))
    return memory.weights.flatMap(({ quantization, totalBytes }) =>
      totalBytes === null ? [] : buildBar({ label: quantization, basis: "predicted", bytes: totalBytes }),
    );
  const files = published
    ? [
        { label: published.format, ...published },
        ...published.alternatives.map((one) => ({ ...one, basis: "published" as const })),
      ]
    : [];
  return [
    ...files.map(({ label, bytes, basis }) => buildBar({ label, basis, bytes })),
    ...sizes.flatMap(({ quantization, bytes, basis, variants }) =>
      bytes === null || basis === null
        ? []
        : buildBar(
            { label: quantization, basis, bytes },
            variants.map((one) => one.bytes),
          ),
    ),
  ];
}

function buildBar(bar: Pick<Bar, "label" | "basis" | "bytes">, variants: readonly number[] = []): Bar {
  const all = [bar.bytes, ...variants];
  return { ...bar, leastBytes: Math.min(...all), mostBytes: Math.max(...all) };
}

/** Limits far beyond the longest bar would squeeze all bars; the table has them. */
const FAR = 3;

/** List the limits of devices for memory, and those of budgets for downloads, each once. */
function listLines(memory: MemoryReport | null, budgets: readonly Verdict[], longest: number): Line[] {
  const devices = memory?.devices.map(({ label, limitBytes }) => ({ label, bytes: limitBytes })) ?? [];
  const limits = budgets
    .filter(({ rule }) => rule === "maxSize" || rule === "maxPublished")
    .map(({ rule, quantization, limit }) => ({
      label: quantization === null ? rule : `${rule} at ${quantization}`,
      bytes: limit,
    }));
  const lines = new Map([...devices, ...limits].map((line) => [`${line.label} ${line.bytes}`, line]));
  return [...lines.values()]
    .filter(({ bytes }) => bytes <= FAR * longest)
    .toSorted((a, b) => b.bytes - a.bytes);
}
