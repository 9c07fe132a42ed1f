/**
 * How fast, as ratios within one run: `npm run bench` (`-- --json` for a machine). Every figure is the median of whole
 * processes, ours and the other's in turn, against a stand-in for the Hub on this machine that takes 40 ms to answer.
 */
import { rmSync } from "node:fs";
import { startHub } from "../hub/hub.ts";
import { FOLDER, LISTS, listCases, ours, writeList } from "./contenders.ts";
import { runScan } from "./codebase.ts";
import { measureBrowser } from "./browser.ts";
import { runLimited } from "./limits.ts";
import { GROWTH, growthId, serveAll } from "./repositories.ts";
import { runCase, runCounting, runTellingPeak, type Result } from "./run.ts";
import {
  renderGrowth,
  renderLimited,
  renderMemory,
  renderResults,
  renderBrowser,
  renderScan,
  type Growth,
  type Memory,
} from "./tables.ts";

const LATENCY_MS = 40;

const say = (line: string) => void process.stderr.write(`${line}\n`);

const hub = await startHub({
  repositories: serveAll(),
  latencyMs: LATENCY_MS,
  quotas: { api: 1e9, resolvers: 1e9 },
});
try {
  const results: Result[] = [];
  for (const one of listCases(hub.endpoint)) {
    say(`${one.name}, against ${one.theirs.name} …`);
    results.push(await runCase(one, hub));
  }
  const growth: Growth[] = [];
  for (const size of GROWTH)
    growth.push({ ...size, ...(await runCounting(ours([growthId(size), "--json"], hub.endpoint), hub)) });
  const memory: Memory[] = [];
  for (const models of LISTS) {
    say(`a list of ${models} …`);
    hub.clearLog();
    const words = ["--from", writeList(models), "--format", "ndjson"];
    memory.push({ models, ...(await runTellingPeak(ours(words, hub.endpoint))) });
  }
  say("a list within the Hub's limits …");
  const limited = await runLimited(LATENCY_MS);
  say("a codebase …");
  const scan = await runScan();
  const browser = measureBrowser();
  process.stdout.write(
    process.argv.includes("--json")
      ? `${JSON.stringify({ results, growth, memory, limited, scan, browser }, null, 2)}\n`
      : `${[renderResults(results), renderGrowth(growth), renderMemory(memory), renderLimited(limited), renderScan(scan), renderBrowser(browser)].join("\n\n")}\n`,
  );
} finally {
  await hub.close();
  rmSync(FOLDER, { recursive: true, force: true });
}
