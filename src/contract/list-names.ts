/** No sentence becomes longer by a name of megabytes. */
const MAX_NAME_LENGTH = 200;

/** Name some of a list: `a, b, c and 4 more`. */
export function listNames(names: readonly string[], most = 4, separator = ", "): string {
  const shown = names
    .slice(0, most)
    .map((name) => (name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name))
    .join(separator);
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
