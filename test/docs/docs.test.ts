import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { FORMAT_TABLE, readFormatTable } from "./formats.ts";
import { COMMAND_BLOCK, OUTPUT_BLOCK, PAGES, SCRIPT_BLOCK, readPage, runLine } from "./blocks.ts";

const README = readPage("README.md");

const outputs = PAGES.flatMap((page) =>
  [...readPage(page).matchAll(OUTPUT_BLOCK)].map(({ groups }) => ({
    page,
    command: groups?.["command"] ?? "",
    output: groups?.["output"] ?? "",
  })),
);

/** The set-up commands install packages; CI runs them in a fresh clone. */
const SETUP = /^npm (?:ci|install)\b/;

const lines = PAGES.flatMap((page) =>
  [...readPage(page).matchAll(COMMAND_BLOCK)].flatMap(({ groups }) =>
    (groups?.["lines"] ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ page, line })),
  ),
);

test("every block of commands is run here", () => {
  const fences = PAGES.flatMap((page) => readPage(page).match(/^```(?:console|sh|shell|bash)$/gm) ?? []);
  const blocks = PAGES.flatMap((page) => [
    ...readPage(page).matchAll(OUTPUT_BLOCK),
    ...readPage(page).matchAll(COMMAND_BLOCK),
    ...readPage(page).matchAll(SCRIPT_BLOCK),
  ]);
  expect(blocks).toHaveLength(fences.length);
  expect(outputs.length).toBeGreaterThan(10);
});

/** What each line printed: one that stands on two pages is run once. */
const printed = new Map<string, Promise<string>>();

test.each(outputs)("$page: '$command' prints what it shows", async ({ command, output }) => {
  const stdout = printed.get(command) ?? runLine(command).then((run) => run.stdout);
  printed.set(command, stdout);
  expect(await stdout).toBe(output);
});

/** Looked up, since it takes as long to start as our program. The script of moreutils has the same name. */
const isParallelInstalled = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "parallel"))
  .some((path) => existsSync(path) && readFileSync(path, "latin1").includes("GNU Parallel"));

test.for(lines.filter(({ line }) => !SETUP.test(line)))(
  "$page: '$line' works",
  async ({ line }, { skip }) => {
    skip(/\| parallel /.test(line) && !isParallelInstalled, "GNU parallel is not installed");
    expect(await runLine(line)).toMatchObject({ exitCode: 0 });
  },
);

test("only the set-up of README and the library's page installs", () => {
  const setup = lines.filter(({ line }) => SETUP.test(line)).map(({ line }) => line);
  expect(setup).toEqual([
    expect.stringMatching(/^npm ci && node bin\/llm-size\.js /),
    "npm install llm-size",
  ]);
});

test("docs/formats.md has the table of package formats", () => {
  expect(readFormatTable(readPage("docs/formats.md"))).toEqual(FORMAT_TABLE);
});

describe("README", () => {
  test("has at most 150 lines", () => expect(README.split("\n").length).toBeLessThanOrEqual(151));

  test("shows a command and its real output in the first screen", () => {
    const screen = README.split("\n").slice(0, 14).join("\n");
    expect(screen).toContain("$ npx llm-size");
    expect(screen).toContain("google/gemma-2b");
  });

  test("links to every page of docs, and every link to a file works", () => {
    for (const page of PAGES.slice(1)) expect(README).toContain(`(${page})`);
    for (const page of PAGES)
      for (const [, target = ""] of readPage(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        const path = new URL(target, new URL(page, "file:///")).pathname.slice(1);
        expect(() => readPage(path)).not.toThrow();
      }
  });
});
