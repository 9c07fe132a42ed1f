/** The choices of the reader: a format, units, and what the terminal can show. */

export const FORMATS = ["text", "markdown", "html", "csv", "json", "ndjson", "badge"] as const;
export type Format = (typeof FORMATS)[number];

/** The formats of documents that are more than one table. */
export const DOCUMENT_FORMATS = ["text", "markdown", "html", "json"] as const satisfies readonly Format[];
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** Powers of 1000 (GB) or of 1024 (GiB). */
export const UNIT_SYSTEMS = ["si", "iec"] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

/** Emphasis for a terminal. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const unchanged = (text: string): string => text;

/** No emphasis: for pipes, files and NO_COLOR. */
export const PLAIN: Paint = {
  bold: unchanged,
  dim: unchanged,
  green: unchanged,
  red: unchanged,
  yellow: unchanged,
};

export interface RenderOptions {
  /** The width of a line, in columns. */
  readonly width: number;
  readonly paint: Paint;
  readonly units: UnitSystem;
  /** Long lists are cut only on a terminal. */
  readonly isTerminal: boolean;
  /** A bar next to each size: undefined leaves it to the room that a terminal has. */
  readonly bars?: boolean | undefined;
}
