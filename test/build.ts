import { execFileSync } from "node:child_process";
import { CHROMIUM } from "./site/chromium.ts";

/** Bundles once before the tests, so that the ones of the built program never meet an old one. */
export default function build(): void {
  execFileSync(process.execPath, ["rolldown.config.js"], { stdio: "inherit" });
  if (CHROMIUM === null)
    process.stderr.write(
      "Chromium is not installed: the HTML report and the page of site/ are not opened in a browser (set CHROMIUM)\n",
    );
}
