import { execFileSync } from "node:child_process";

/** Bundles once before the tests, so that the ones of the built program never meet an old one. */
export default function build(): void {
  execFileSync(process.execPath, ["rolldown.config.js"], { stdio: "inherit" });
}
