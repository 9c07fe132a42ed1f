/** Longer words are not typing mistakes. */
const MAX_LENGTH = 40;

/** Return the name that a mistyped one probably means; null where none is near. */
export function findNearestName(written: string, names: readonly string[]): string | null {
  if (written.length > MAX_LENGTH) return null;
  const word = written.toLowerCase();
  const [nearest] = names
    .map((name) => ({ name, mostEdits: Math.max(1, Math.floor(name.length / 3)) }))
    // Every letter too many or too few is an edit.
    .filter(({ name, mostEdits }) => Math.abs(name.length - word.length) <= mostEdits)
    .map((near) => ({ ...near, edits: countEdits(word, near.name.toLowerCase()) }))
    .filter(({ edits, mostEdits }) => edits <= mostEdits)
    .toSorted((left, right) => left.edits - right.edits);
  return nearest?.name ?? null;
}

/** Count letters to insert, delete, replace or swap with their neighbor (optimal string alignment). */
export function countEdits(from: string, to: string): number {
  let rows: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (const [index, letter] of [...from].entries()) {
    const [twoAbove, above] = rows;
    const row = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      const isSwapped = letter === to[column - 2] && from[index - 1] === to[column - 1];
      const swapped = isSwapped ? (twoAbove[column - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
    rows = [above, row];
  }
  return rows[1][to.length] ?? 0;
}
