/** Runs a case as a person would: the real program, on a folder or on a repository of the stand-in Hub. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { main } from "../../src/main.ts";
import type { StandInHub } from "../hub/hub.ts";
import { sourceOf } from "./bytes.ts";
import { buildFiles, type Case, type Run, writeFolder } from "./case.ts";
import { judgeAnswer } from "./judge-answer.ts";

export interface CaseResult {
  readonly case: Case;
  readonly run: Run;
  readonly problems: readonly string[];
}

/** Run a case in one way; the result lists what is wrong with the answer. */
export async function runCase(theCase: Case, run: Run, hub: StandInHub): Promise<CaseResult> {
  const name = theCase.name ?? `nobody/${theCase.id}`;
  const files = buildFiles(theCase);
  const home = mkdtempSync(join(tmpdir(), "llm-size-case-"));
  try {
    const target = join(home, "models", ...name.split("/"));
    if (run === "folder") writeFolder(files, target);
    else
      hub.addRepository({
        id: name,
        files: Object.fromEntries(
          [...files].map(([path, { chunks, isText }]) => [
            path,
            isText ? { content: sourceOf(chunks).slice(0, Infinity) } : { source: sourceOf(chunks) },
          ]),
        ),
      });
    const words = theCase.args.map((word) => placeWord(word, run === "folder" ? target : null, name, hub));
    const env = {
      HF_HOME: join(home, "hf"),
      LLM_SIZE_CACHE: join(home, "cache"),
      HF_ENDPOINT: run === "hub" ? hub.endpoint : "http://127.0.0.1:9",
    };
    const json = await runMain([...words, "--json", "--no-cache"], env);
    const text = mentions(theCase) ? await runMain([...words, "--no-cache"], env) : json;
    const answer = { ...json, text: text.stdout + text.stderr + json.stderr + json.stdout };
    return { case: theCase, run, problems: judgeAnswer(theCase.expect, answer) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Whether the case expects words, which JSON may not have. */
function mentions({ expect }: Case): boolean {
  return JSON.stringify(expect).includes('"mustMention"');
}

/** `@` is the folder or the repository, `@/x` its file x (on the Hub by its address). */
function placeWord(word: string, folder: string | null, name: string, { endpoint }: StandInHub): string {
  if (folder !== null) return word.replace(/^@/, folder);
  if (word.startsWith("@/")) return `${endpoint}/${name}/blob/main/${word.slice(2)}`;
  return word.replace("https://huggingface.co", endpoint).replace("@", name);
}

async function runMain(words: readonly string[], env: Readonly<Record<string, string>>) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    isTTY: false,
    columns: undefined,
    write(text: string, whenWritten?: () => void) {
      written[name] += text;
      whenWritten?.();
    },
  });
  const exitCode = await main({
    argv: ["node", "llm-size", ...words],
    cwd: () => globalThis.process.cwd(),
    env,
    stdin: Readable.from([]),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  });
  return { ...written, exitCode };
}
