/** What a page loads of the library, as size-limit counts it. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface BrowserSize {
  readonly name: string;
  /** Compressed. */
  readonly size: number;
  readonly sizeLimit: number;
}

export function measureBrowser(): BrowserSize[] {
  const sizeLimit = fileURLToPath(new URL("../../node_modules/size-limit/bin.js", import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [sizeLimit, "--json"], { encoding: "utf8" }),
  ) as BrowserSize[];
}
