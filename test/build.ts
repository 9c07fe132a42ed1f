import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificate } from "./hub/certificate.ts";
import { CHROMIUM } from "./site/chromium.ts";

/** Bundles once before the tests, so that the ones of the built program never meet an old one. */
export default async function build(): Promise<() => void> {
  // Nothing that a test leaves behind outlasts the tests.
  const folder = mkdtempSync(join(tmpdir(), "llm-size-tests-"));
  process.env["TMPDIR"] = folder;
  // Whom a process trusts is settled when it starts.
  const { key, cert } = await createCertificate();
  process.env["NODE_EXTRA_CA_CERTS"] = join(folder, "trusted.pem");
  writeFileSync(process.env["NODE_EXTRA_CA_CERTS"], `${cert}\n${key}`);
  execFileSync(process.execPath, ["rolldown.config.js"], { stdio: "inherit" });
  if (CHROMIUM === null)
    process.stderr.write(
      "Chromium is not installed: the HTML report and the page of site/ are not opened in a browser (set CHROMIUM)\n",
    );
  return () => rmSync(folder, { recursive: true, force: true });
}
