import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHROMIUM } from "./site/chromium.ts";

/** Bundles once before the tests, so that the ones of the built program never meet an old one. */
export default function build(): () => void {
  // Nothing that a test leaves behind outlasts the tests.
  const folder = mkdtempSync(join(tmpdir(), "llm-size-tests-"));
  process.env["TMPDIR"] = folder;
  execFileSync(process.execPath, ["rolldown.config.js"], { stdio: "inherit" });
  if (CHROMIUM === null)
    process.stderr.write(
      "Chromium is not installed: the HTML report and the page of site/ are not opened in a browser (set CHROMIUM)\n",
    );
  return () => rmSync(folder, { recursive: true, force: true });
}
