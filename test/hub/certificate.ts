/**
 * Certificates for this machine, signed by themselves. `test/build.ts` makes them: a process reads whom it trusts when it
 * starts.
 */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "./hub.ts";

/** The processes of the tests trust one, and nobody the other unless told to. */
export const CERTIFICATES = ["trusted", "unsigned"] as const;
type Name = (typeof CERTIFICATES)[number];

/** Where its file is, which holds its key, too. */
export function certificatePath(name: Name): string {
  return join(tmpdir(), `${name}.pem`);
}

export function readCertificate(name: Name): Certificate {
  const text = readFileSync(certificatePath(name), "utf8");
  return { key: text, cert: text };
}
