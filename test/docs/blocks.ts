/** The command blocks of README.md and docs, and how each is run. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runShell } from "../built.ts";
import { runProgram } from "../program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

export function writePage(page: string, text: string): void {
  writeFileSync(join(ROOT, page), text);
}

/** A command with the output that the page shows. */
export const OUTPUT_BLOCK = /^```console\n\$ (?<command>.*)\n(?<output>[^]*?)^```$/gm;

/** Commands without output: every line must end well. */
export const COMMAND_BLOCK = /^```sh\n(?<lines>[^]*?)^```$/gm;

/** A whole script, which `recipes.test.ts` runs. */
export const SCRIPT_BLOCK = /^```bash\n(?<script>[^]*?)^```$/gm;

/** Make a folder with what the commands of the docs expect to find. */
function prepareFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-size-docs-"));
  writeFileSync(join(folder, "models.txt"), "gemma-2b\nQwen/Qwen3-8B # a comment\n");
  mkdirSync(join(folder, "my-finetune"));
  cpSync(join(ROOT, "fixtures/checkpoints/llama-tied"), join(folder, "my-finetune"), { recursive: true });
  // A small repository that loads one model.
  cpSync(join(ROOT, "fixtures/scan/worked"), join(folder, "shop"), { recursive: true });
  return folder;
}

/** Run a line as a reader would, offline; return both streams and the exit code. */
export async function runLine(
  line: string,
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const command = line
    .replaceAll(/npx (?:--yes )?llm-size/g, "llm-size")
    .replaceAll("node bin/llm-size.js", "llm-size");
  const folder = prepareFolder();
  const all = { HF_HUB_OFFLINE: "1", ...env };
  // The program at the end of a line needs no process of its own, unless it is in a pipe or has files.
  const [, before, words] =
    /^(?:(.+) && )?llm-size ([\w./@:,= -]+)$/.exec(command.replace(/ +#.*$/, "").trim()) ?? [];
  if (words === undefined) return runShell(`cd ${folder} && ${command}`, all);
  const run = (cwd: string) => runProgram(words.trim().split(/ +/), { cwd, env: all });
  if (before === undefined) return run(folder);
  const prepared = await runShell(`cd ${folder} && ${before} && pwd`, all);
  return prepared.exitCode === 0 ? run(prepared.stdout.trimEnd()) : prepared;
}
