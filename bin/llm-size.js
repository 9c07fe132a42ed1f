#!/usr/bin/env node
import { main } from "../dist/bundle/main.js";

process.stdout.on("error", ({ code }) => {
  if (code === "EPIPE" || process.exitCode === 2) return; // the reader left, as in `llm-size … | head -1`
  process.stderr.write(`error: standard output cannot be written (${code})\n`);
  process.exitCode = 2;
});
process.stderr.on("error", () => {}); // the exit code still says how it ended
process.once("SIGINT", () => {
  if (process.stderr.isTTY && process.env.TERM !== "dumb") process.stderr.write("\r\u001b[2K"); // the progress line
  process.kill(process.pid, "SIGINT"); // as if nobody had listened
});
const exitCode = await main(process);
process.exitCode ??= exitCode;
