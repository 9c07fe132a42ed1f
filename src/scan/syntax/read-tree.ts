/** Text → syntax tree, by a parser that tolerates errors. */
import type { SyntaxNode, Tree } from "@lezer/common";
import type { LRParser } from "@lezer/lr";

/** Called now and then while a file is parsed: true where it has taken too long. */
export type IsLate = () => boolean;

/** A file that is left out, and why. */
export class SkipError extends Error {}

/** Deeper expressions are not looked into. */
export const MAX_DEPTH = 200;

/** Between two looks at the clock. Some hostile texts take milliseconds per step: `/*` a hundred thousand times. */
const STEPS = 16;

/** Parse a text. Throws SkipError for one that takes too long or nests too deeply. */
export function readTree(parser: LRParser, text: string, isLate: IsLate): Tree {
  try {
    const parse = parser.startParse(text);
    for (let step = 1; ; step++) {
      const tree = parse.advance();
      if (tree) return tree;
      if (step % STEPS === 0 && isLate()) throw new SkipError("it takes too long to parse");
    }
  } catch (error) {
    if (error instanceof RangeError) throw new SkipError("it is nested too deeply");
    throw error;
  }
}

/** List the children of a node, without comments. */
export function listChildren(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (!child.name.endsWith("Comment")) children.push(child);
  return children;
}
