/** Git LFS pointers: a text of a few lines that stands for a large file until `git lfs pull`, and states its size. */

/** docs/spec.md (git-lfs/git-lfs): pointers are shorter, and begin with one of these. */
const MAX_POINTER_BYTES = 1024;
const VERSION =
  /^version (?:https:\/\/git-lfs\.github\.com\/spec\/v1|https:\/\/hawser\.github\.com\/spec\/v1|http:\/\/git-media\.io\/v\/2)\n/;

/** The shortest pointer has more. */
const MIN_POINTER_BYTES = 80;
const TEXT = /\.(?:txt|json|md|py|ya?ml|jinja2?|cfg|toml|csv|js|ts|html|ini|sh)$/i;

/** True for a file that is as small as a pointer, and not a text by its name. */
export function mayBePointer(name: string, bytes: number): boolean {
  return bytes >= MIN_POINTER_BYTES && bytes < MAX_POINTER_BYTES && !TEXT.test(name);
}

/** Return the size of the file that a pointer stands for; null for anything else. */
export function parseLfsPointer(text: string): number | null {
  if (text.length >= MAX_POINTER_BYTES || !VERSION.test(text) || !/^oid sha256:[0-9a-f]{64}$/m.test(text))
    return null;
  const size = Number(/^size (\d{1,16})$/m.exec(text)?.[1] ?? NaN);
  return Number.isSafeInteger(size) ? size : null;
}
