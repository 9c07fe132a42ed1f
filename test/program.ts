/** Runs the whole program in this process: real code, real HTTP, a process of our own. */
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "vitest";
import { main } from "../src/main.ts";
import { reportSchema } from "../src/contract/report.ts";
import type { Report } from "../src/contract/types.ts";
import type { Fetch } from "../src/source/hub/fetch.ts";
import type { StandInHub } from "./hub/hub.ts";
import type { StandInRegistry } from "./ollama/registry.ts";

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface RunOptions {
  readonly hub?: StandInHub;
  /** Where models of Ollama are. */
  readonly registry?: StandInRegistry;
  readonly env?: Record<string, string>;
  /** Columns of a terminal on stdout and stderr; a pipe when left out. */
  readonly terminal?: number;
  readonly fetch?: Fetch;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** No token file of whoever runs the tests is ever read, and every run begins with an empty cache. */
const emptyHome = mkdtempSync(join(tmpdir(), "llm-size-test-"));

const noNetwork: Fetch = async (url) => {
  throw new TypeError(`a test without a Hub asked for ${url}`, {
    cause: Object.assign(new Error(), { code: "ENOTFOUND" }),
  });
};

/** Runs `llm-size` with these arguments and checks what holds for every run. */
export async function runProgram(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { hub, registry, env = {}, terminal } = options;
  const { fetch = hub || registry ? undefined : noNetwork } = options;
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    isTTY: terminal !== undefined,
    columns: terminal,
    write(text: string, whenWritten?: () => void) {
      written[name] += text;
      whenWritten?.();
    },
  });
  const process = {
    argv: ["node", "llm-size", ...words],
    env: {
      HF_HOME: emptyHome,
      LLM_SIZE_CACHE: join(emptyHome, randomUUID()),
      OLLAMA_MODELS: emptyHome,
      ...(hub && { HF_ENDPOINT: hub.endpoint, LLM_SIZE_OLLAMA_ENDPOINT: hub.endpoint }),
      ...(registry && { LLM_SIZE_OLLAMA_ENDPOINT: registry.endpoint }),
      ...env,
    },
    cwd: () => options.cwd ?? globalThis.process.cwd(),
    stdin: Readable.from(options.stdin ?? []),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  };
  const exitCode = await main(process, fetch);
  if (exitCode === 0 && terminal === undefined)
    expect(
      written.stderr.split("\n").filter((line) => line !== "" && !/^(?:note: |::notice |debug: )/.test(line)),
    ).toEqual([]);
  if (exitCode === 2) expect(written.stdout).toBe("");
  return { ...written, exitCode };
}

/** Runs with `--json` and gives the report, which must fit the contract. */
export async function runJson(
  words: readonly string[],
  options: RunOptions = {},
): Promise<Run & { report: Report }> {
  const run = await runProgram([...words, "--json"], options);
  return { ...run, report: reportSchema.strict().parse(JSON.parse(run.stdout)) };
}
