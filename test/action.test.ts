import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { BIN } from "./built.ts";
import { runProgram } from "./program.ts";

interface Action {
  readonly inputs: Record<string, { readonly default: string }>;
  readonly runs: { readonly steps: { readonly env: Record<string, string>; readonly run: string }[] };
}
const action = parse(readFileSync(new URL("../action.yml", import.meta.url), "utf8")) as Action;

function writeScript(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/** The built program, and one that only notes its words and ends with a code. */
const BUILT = `exec "${process.execPath}" "${BIN}" "$@"`;
const endingWith = (code: number) => `printf '%s\\n' "$@" > "$RUNNER_TEMP/words"; exit ${code}`;

/**
 * Runs the action's steps as the runner does: bash, inputs in the environment, files for outputs and summary. To look up
 * the version that is pinned takes a node, so most tests name one.
 */
function runAction(given: Record<string, string>, program: string) {
  const inputs = { version: "1.0.0", ...given };
  const folder = mkdtempSync(join(tmpdir(), "llm-size-action-"));
  // Install the program as npm would, and note what was asked of npm and where.
  writeScript(join(folder, "modules/.bin/llm-size"), program);
  writeScript(join(folder, "bin/npm"), 'echo "$PWD $*" > ../npm; mv ../modules node_modules');
  const [step] = action.runs.steps;
  const valueOf = (name: keyof typeof inputs) => inputs[name] ?? action.inputs[name]?.default ?? "";
  const env = Object.fromEntries(
    Object.entries(step?.env ?? {}).map(([name, value]) => [
      name,
      value
        .replace(/\$\{\{ inputs\.(\w+) \}\}/g, (_, input: string) => valueOf(input as keyof typeof inputs))
        .replace("${{ github.action_path }}", fileURLToPath(new URL("..", import.meta.url))),
    ]),
  );
  const run = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? ""], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
      HF_HUB_OFFLINE: "1",
      GITHUB_ACTIONS: "true",
      GITHUB_OUTPUT: join(folder, "output"),
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
      RUNNER_TEMP: folder,
      ...env,
    },
  });
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  const outputs = Object.fromEntries(
    read("output")
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2)),
  );
  return {
    ...run,
    outputs: outputs as Record<string, string>,
    summary: read("summary"),
    npm: read("npm"),
    words: read("words").split("\n").slice(0, -1),
    folder,
  };
}

/** Runs it with words that the program must refuse: it is given them in this process. */
async function runRefused(given: Record<string, string>) {
  const run = runAction(given, endingWith(2));
  const env = { HF_HUB_OFFLINE: "1", GITHUB_ACTIONS: "true" };
  const { exitCode, stderr } = await runProgram(run.words, { env });
  expect(exitCode).toBe(2);
  return { ...run, stderr };
}

test("within budget: the step passes, its outputs say so", () => {
  const { status, outputs, stdout } = runAction(
    { models: "gemma-2b distilbert", arguments: "--max-params 3B" },
    BUILT,
  );
  expect(status).toBe(0);
  expect(outputs["passed"]).toBe("true");
  expect(stdout).toContain("2 limits: 2 passed");
  expect(JSON.parse(readFileSync(outputs["json"] ?? "", "utf8"))).toMatchObject({ passed: true });
});

test("over budget: the step fails, annotates and fills the summary", () => {
  const { status, outputs, stderr, summary } = runAction(
    { models: "gemma-2b", arguments: "--max-params 2B" },
    BUILT,
  );
  expect(status).toBe(1);
  expect(outputs["passed"]).toBe("false");
  expect(stderr).toMatch(/^::error title=over budget%3A gemma-2b::/m);
  expect(summary).toContain("| ❌ exceeded | gemma-2b |");
});

test("it installs the version that it is pinned to, away from the repository", () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const { npm, folder } = runAction(
    { models: "gemma-2b", arguments: "--max-params 3B", version: "" },
    endingWith(0),
  );
  expect(npm).toMatch(/--ignore-scripts/);
  expect(npm.trim().split(" ").at(-1)).toBe(`llm-size@${version}`);
  expect(npm.startsWith(`${folder}/llm-size.`)).toBe(true);
});

test.each([
  ["1.2.3-beta.1", 0],
  ["latest", 0],
  ["file:../evil", 2],
  ["1.0.0 evil", 2],
  ["-g", 2],
])("version %s", (version, expected) => {
  const { status, npm } = runAction(
    { models: "gemma-2b", arguments: "--max-params 3B", version },
    endingWith(0),
  );
  expect(status).toBe(expected);
  expect(npm.trim().split(" ").at(-1)).toBe(expected === 0 ? `llm-size@${version}` : "");
});

test.each(["-h", "--help", "-V", "gemma-2b -h", "gemma-2b --version", "--offline gemma-2b --max-params=9B"])(
  "%s among the models is no option, and turns no gate green",
  async (models) => {
    const { status, outputs, stderr } = await runRefused({ models, arguments: "--max-params 2B" });
    expect(status).toBe(2);
    expect(outputs["passed"]).toBe("false");
    expect(stderr).toContain("it looks like an option");
  },
);

test.each(["-h", "--max-params 3B -h", "-V --max-params 3B"])(
  "%s among the arguments neither",
  async (words) => {
    const { status, outputs } = await runRefused({ models: "gemma-2b", arguments: words });
    expect(status).toBe(2);
    expect(outputs["passed"]).toBe("false");
  },
);

test("inputs are words, never commands", async () => {
  const { status, stdout, words } = await runRefused({
    models: "gemma-2b;touch$IFS/tmp/x $(id)",
    arguments: "--max-params 3B",
  });
  expect(words.slice(-3)).toEqual(["--", "gemma-2b;touch$IFS/tmp/x", "$(id)"]);
  expect(status).toBe(2);
  expect(stdout).not.toContain("uid=");
});
