#!/usr/bin/env node
import * as module from "node:module";

// Compile the program once, not with every run: Node.js 22.8 and later keep the result in the folder for temporary files.
module.enableCompileCache?.();
const { main } = process.getBuiltinModule ? await import("../dist/bundle/main.js") : { main: refuse };

/** Of the versions from 20.19 on, 21 and the first of 22 lack what the program needs. */
async function refuse({ stderr, version }) {
  stderr.write(`error: llm-size does not run on Node.js ${version}; use 20.19, or 22.3 and later\n`);
  return 2;
}

/** Null until the run has ended. Kept here, since a config file is code that can set process.exitCode. */
let exitCode = null;
let isUnwritable = false;

process.stdout.on("error", ({ code }) => {
  if (code === "EPIPE" || isUnwritable) return; // the reader left, as in `llm-size … | head -1`
  process.stderr.write(`error: standard output cannot be written (${code})\n`);
  isUnwritable = true;
});
process.stderr.on("error", () => {}); // the exit code still says how it ended
process.once("SIGINT", () => {
  if (process.stderr.isTTY && process.env.TERM !== "dumb") process.stderr.write("\r\u001b[2K"); // the progress line
  process.kill(process.pid, "SIGINT"); // as if nobody had listened
});
process.on("exit", () => {
  if (exitCode === null) process.stderr.write("error: llm-size was ended before it had a result\n");
  process.exitCode = isUnwritable ? 2 : (exitCode ?? 70);
});
exitCode = await main(process);
