import type { PackageFormatName } from "./format-names.ts";
import { FORMATS } from "./package-formats.ts";

export const SNIFF_BYTES = 512;

/** Return the format of a file by its first SNIFF_BYTES, whatever its name; null where they are of none. */
export function sniffFormat(start: Uint8Array): PackageFormatName | null {
  // Any zip that is not another format's is PyTorch's, which comes last.
  return FORMATS.find(([, { isContent }]) => isContent?.(start))?.[0] ?? null;
}
