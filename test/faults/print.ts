/** What survives which fault, and how long it takes: `npm run faults` (add `-- --json` for a machine). */
import { FAULT_NAMES, STAGE_NAMES } from "./faults.ts";
import { DURATIONS, findBroken, isInTime, runMatrix, type CaseResult } from "./matrix.ts";

function renderTable(results: readonly CaseResult[], times: CaseResult["times"]): string {
  const rows = FAULT_NAMES.map((fault) => {
    const cells = STAGE_NAMES.map((stage) => {
      const result = results.find((one) => one.fault === fault && one.stage === stage && one.times === times);
      return result ? renderCell(result) : "–";
    });
    return `| ${[fault, ...cells].join(" | ")} |`;
  });
  return [
    `| ${[times, ...STAGE_NAMES].join(" | ")} |`,
    `| --- | ${STAGE_NAMES.map(() => "---").join(" | ")} |`,
    ...rows,
  ].join("\n");
}

function renderCell(result: CaseResult): string {
  const { survived, exitCode, code, notes, ms } = result;
  const end = survived ? ["ok"] : [exitCode === null ? "hung" : `exit ${exitCode}`, code, ...notes];
  const mark = findBroken(result).length > 0 ? "✗ " : "";
  return `${mark}${end.filter(Boolean).join(" ")} ${(ms / 1000).toFixed(1)} s`;
}

function renderSummary(results: readonly CaseResult[]): string {
  const count = (holds: (result: CaseResult) => boolean) => results.filter(holds).length;
  const longest = Math.max(...results.map(({ ms }) => ms));
  return [
    `${results.length} cases: ${count(({ survived }) => survived)} survived`,
    `${count(({ survived, code }) => !survived && code !== null)} failed with a reason`,
    `${count(({ survived, exitCode }) => !survived && exitCode === 0)} ended with wrong figures`,
    `longest ${(longest / 1000).toFixed(1)} s`,
    `${count((result) => !isInTime(result))} hung`,
    `${count(({ leftovers }) => leftovers.length > 0)} left half-written`,
    `${count(({ nextRunIsRight }) => !nextRunIsRight)} spoiled the next run`,
  ].join(", ");
}

const results = await runMatrix();
const broken = results.flatMap(findBroken);
const text = process.argv.includes("--json")
  ? JSON.stringify(results)
  : [...DURATIONS.map((times) => renderTable(results, times)), renderSummary(results)].join("\n\n");
process.stdout.write(`${text}\n`);
for (const sentence of broken) process.stderr.write(`error: ${sentence}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;
