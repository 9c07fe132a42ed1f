/** Names with `*` for any text: model ids such as `google/*`, and paths of code. */

export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** Match a name in any case, so that `qwen/*` covers Qwen/Qwen3-8B. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [head = "", ...rest] = pattern.toLowerCase().split("*");
  const tail = rest.pop();
  const text = name.toLowerCase();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let position = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return position <= text.length - tail.length;
}

/** Match a file, all files below a folder, or a pattern of paths such as `apps/*.py`; `*` also matches slashes. */
export function matchesPath(pattern: string, file: string): boolean {
  const folder = pattern.replace(/^\.\//, "").replace(/\/$/, "");
  if (folder === "" || folder === ".") return true;
  return isPattern(folder) ? matchesPattern(folder, file) : file === folder || file.startsWith(`${folder}/`);
}
