/** `npm run fuzz [-- --seconds N] [-- --only name] [-- --seed N]`: fuzz every target and print a table. */
import { inspect, parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { buildTargets } from "./targets.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, only: { type: "string" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const write = (line: string) => process.stdout.write(`${line}\n`);
write(`seed ${seed}\n`);
write("| input | executions | worst time | worst memory |");
write("| --- | ---: | ---: | ---: |");
for (const target of buildTargets()) {
  if (values.only !== undefined && values.only !== target.name) continue;
  const milliseconds = Number(values.seconds) * 1000;
  const result = await fuzz(target, { milliseconds, seed }).catch((error: unknown) => {
    process.exitCode = 1;
    write(`| ${target.name} | failed | | |\n\n${inspect(error)}\n`);
    return null;
  });
  if (!result) continue;
  const { name, executions, worstMs, worstBytes } = result;
  write(
    `| ${name} | ${executions.toLocaleString("en")} | ${Math.round(worstMs)} ms | ${Math.round(worstBytes / 1e6)} MB |`,
  );
}
