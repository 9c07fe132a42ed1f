import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { CERTIFICATES, certificatePath } from "./hub/certificate.ts";
import { CHROMIUM } from "./site/chromium.ts";

/** Bundles once before the tests, so that the ones of the built program never meet an old one. */
export default async function build(): Promise<() => void> {
  // Nothing that a test leaves behind outlasts the tests.
  const folder = mkdtempSync(join(tmpdir(), "llm-size-tests-"));
  process.env["TMPDIR"] = folder;
  await makeCertificates();
  execFileSync(process.execPath, ["rolldown.config.js"], { stdio: "inherit" });
  if (CHROMIUM === null)
    process.stderr.write(
      "Chromium is not installed: the HTML report and the page of site/ are not opened in a browser (set CHROMIUM)\n",
    );
  return () => rmSync(folder, { recursive: true, force: true });
}

async function makeCertificates(): Promise<void> {
  for (const name of CERTIFICATES) {
    const { private: key, cert } = await generate([{ name: "commonName", value: "stand-in" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
      ],
    });
    writeFileSync(certificatePath(name), `${cert}\n${key}`);
  }
  process.env["NODE_EXTRA_CA_CERTS"] = certificatePath("trusted");
}
