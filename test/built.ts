/** Runs the built program as a shell would. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Run } from "./program.ts";

export const BIN = fileURLToPath(new URL("../bin/llm-size.js", import.meta.url));

const emptyHome = mkdtempSync(join(tmpdir(), "llm-size-test-"));

export async function runBuilt(words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return runCommand(process.execPath, [BIN, ...words], env);
}

/** Starts it and lets it run, for a test that ends it. */
export function startBuilt(words: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [BIN, ...words], { env: cleanEnv(env), stdio: "ignore" });
}

/** Runs it until something has happened, and kills it, if it has not ended by then. */
export async function killBuilt(
  words: readonly string[],
  env: Record<string, string>,
  hasHappened: () => Promise<void>,
): Promise<void> {
  const child = startBuilt(words, env);
  const ended = once(child, "exit");
  await hasHappened();
  child.kill("SIGKILL");
  await ended;
}

/** Runs it until it has said something on stderr or has ended, and gives what it said. */
export async function runUntilSaid(
  said: RegExp,
  words: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...words], {
    env: cleanEnv(env),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  for await (const text of child.stderr.setEncoding("utf8")) {
    stderr += text;
    if (said.test(stderr)) break;
  }
  child.kill("SIGKILL");
  return stderr;
}

/** Make a folder with the program, for PATH. */
function makeProgramFolder(): string {
  const folder = mkdtempSync(join(emptyHome, "bin-"));
  const script = `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} "$@"\n`;
  writeFileSync(join(folder, "llm-size"), script, { mode: 0o755 });
  return folder;
}

const programFolder = makeProgramFolder();

/** A line of shell, in which `llm-size` is the built program, also for what the line starts. */
export async function runShell(line: string, env: Record<string, string> = {}): Promise<Run> {
  const path = `${programFolder}${delimiter}${process.env["PATH"] ?? ""}`;
  return runCommand("bash", ["-c", `set -o pipefail; ${line}`], { PATH: path, ...env });
}

function cleanEnv(env: Record<string, string>): Record<string, string> {
  const cache = join(emptyHome, randomUUID());
  return { PATH: process.env["PATH"] ?? "", HF_HOME: emptyHome, LLM_SIZE_CACHE: cache, ...env };
}

async function runCommand(
  command: string,
  words: readonly string[],
  env: Record<string, string>,
): Promise<Run> {
  const child = spawn(command, words, {
    env: cleanEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (written[name] += text));
  const [exitCode] = (await once(child, "close")) as [number];
  return { ...written, exitCode };
}
