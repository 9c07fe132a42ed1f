#!/usr/bin/env node
import { main } from "../dist/bundle/main.js";

process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error; // the reader left, as in `llm-size … | head -1`
});
process.exitCode = await main(process);
