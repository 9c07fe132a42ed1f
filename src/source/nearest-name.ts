/** Longer words are no slip of the finger. */
const MAX_LENGTH = 40;

/** The name that a mistyped one was probably meant to be; null where none is near. */
export function findNearestName(written: string, names: readonly string[]): string | null {
  if (written.length > MAX_LENGTH) return null;
  const [nearest] = names
    .map((name) => ({ name, distance: countEdits(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((left, right) => left.distance - right.distance);
  return nearest?.name ?? null;
}

/** Letters to insert, delete or replace (Levenshtein's distance). */
function countEdits(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const letter of from) {
    const row = [(above[0] ?? 0) + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[to.length] ?? 0;
}
