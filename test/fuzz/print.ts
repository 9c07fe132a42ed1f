/** `npm run fuzz [-- --seconds N] [-- --only name] [-- --seed N]`: fuzz every target and print a table. */
import { spawnSync } from "node:child_process";
import { inspect, parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { buildTargets } from "./targets.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, only: { type: "string" }, seed: { type: "string" } },
});
const { seconds, only, seed = String(Date.now() % 2 ** 31) } = values;
const write = (line: string) => process.stdout.write(`${line}\n`);
const targets = buildTargets();

if (only === undefined) {
  write(`seed ${seed}\n`);
  write("| input | executions | worst time | per MB | worst memory |");
  write("| --- | ---: | ---: | ---: | ---: |");
  // Each in a process of its own, whose memory is only its own.
  for (const { name } of targets) {
    const words = [...process.argv.slice(1, 2), "--seconds", seconds, "--seed", seed, "--only", name];
    const { status } = spawnSync(process.execPath, [...process.execArgv, ...words], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
} else {
  const target = targets.find(({ name }) => name === only);
  if (!target) throw new Error(`unknown target ${only}: ${targets.map(({ name }) => name).join(", ")}`);
  try {
    const result = await fuzz(target, { milliseconds: Number(seconds) * 1000, seed: Number(seed) });
    const { name, executions, worstMs, worstMsPerMegabyte, worstBytes } = result;
    const times = [worstMs, worstMsPerMegabyte].map((ms) => `${Math.round(ms)} ms`).join(" | ");
    write(`| ${name} | ${executions.toLocaleString("en")} | ${times} | ${Math.round(worstBytes / 1e6)} MB |`);
  } catch (error) {
    process.exitCode = 1;
    write(`| ${only} | failed | | | |\n\n${inspect(error)}\n`);
  }
}
