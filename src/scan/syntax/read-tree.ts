/** Text → syntax tree, by a parser that tolerates errors. */
import type { SyntaxNode, Tree } from "@lezer/common";
import type { LRParser } from "@lezer/lr";
import type { Scope } from "./program.ts";

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

/** Walks a tree and knows the classes and functions around each node. */
export abstract class TreeReader {
  scope: Scope = [];
  protected readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  protected abstract isScope(name: string): boolean;
  protected abstract isNoted(name: string): boolean;
  /** Note what stands in a node; its children are entered after it. */
  protected abstract enter(node: SyntaxNode): void;

  read(tree: Tree): void {
    tree.iterate({
      enter: (found) => {
        if (this.isScope(found.name)) this.scope = [...this.scope, found.from];
        if (this.isNoted(found.name)) this.enter(found.node);
      },
      leave: (found) => {
        if (this.isScope(found.name)) this.scope = this.scope.slice(0, -1);
      },
    });
  }

  protected slice({ from, to }: SyntaxNode): string {
    return this.text.slice(from, to);
  }
}
