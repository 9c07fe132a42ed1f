import { execFileSync } from "node:child_process";

/** Builds once before the tests, so that the ones of the built program never meet an old one. */
export default function build(): void {
  execFileSync("npm", ["run", "--silent", "build"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
}
