/** Which cases the program answers rightly: `npm run cases` (add `-- <text>` for the cases whose id or kind has it). */
import { runAllCases } from "./all-cases.ts";

const wanted = process.argv[2] ?? "";
const results = await runAllCases(({ id, kind }) => id.includes(wanted) || kind === wanted);
const kinds = [...new Set(results.map((result) => result.case.kind))].toSorted();
const rows = kinds.map((kind) => {
  const own = results.filter((result) => result.case.kind === kind);
  const wrong = own.filter(({ problems }) => problems.length > 0);
  const names = [...new Set(wrong.map((result) => result.case.id))].join(", ");
  return `| ${kind} | ${own.length - wrong.length} of ${own.length} | ${names} |`;
});
const broken = results.filter(({ problems }) => problems.length > 0);
process.stdout.write(`${["| kind | right | wrong |", "| --- | --- | --- |", ...rows].join("\n")}\n`);
process.stdout.write(`${results.length - broken.length} of ${results.length} runs are right\n`);
for (const { case: theCase, run, problems } of broken)
  process.stderr.write(`${theCase.id} (${run}): ${problems.join("; ")}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;
