import { readFileSync } from "node:fs";
import { generate } from "selfsigned";
import type { Certificate } from "./hub.ts";

/** Signed by itself, for this machine; what nobody trusts unless told to. */
export async function createCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "stand-in" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { key, cert };
}

/** The one that `test/build.ts` makes: Node reads whom it trusts when a process starts, so it starts those of the tests. */
export function readTrustedCertificate(): Certificate {
  const text = readFileSync(process.env["NODE_EXTRA_CA_CERTS"] ?? "", "utf8");
  return { key: text, cert: text };
}
