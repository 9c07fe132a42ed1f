/** Emphasis for a terminal, given to the renderers so that they know nothing of terminals. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const asItIs = (text: string): string => text;

/** No emphasis: pipes, files, and terminals that want none. */
export const PLAIN: Paint = { bold: asItIs, dim: asItIs, red: asItIs, yellow: asItIs };
