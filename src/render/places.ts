import type { CodePlace } from "../contract/types.ts";

/** @example formatPlace(find) //=> "src/worker.js:12" */
export function formatPlace({ path, line }: CodePlace): string {
  return `${path}:${line}`;
}
