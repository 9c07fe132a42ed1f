import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runShell } from "./built.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Blocks of a command and what it prints: `$ llm-size …`, with or without npx. */
const BLOCK = /^```console\n\$ (?<command>(?:npx )?llm-size .*)\n(?<output>[^]*?)^```$/gm;
const blocks = [...README.matchAll(BLOCK)].map(({ groups }) => ({
  command: groups?.["command"] ?? "",
  output: groups?.["output"] ?? "",
}));

const run = async (command: string) =>
  (await runShell(command.replace(/^npx /, ""), { HF_HUB_OFFLINE: "1" })).stdout;

test("every command block is one", () => {
  expect(blocks.length).toBe([...README.matchAll(/^\$ /gm)].length);
  expect(blocks.length).toBeGreaterThan(2);
});

test.each(blocks)("$command prints what the README shows", async ({ command, output }) => {
  expect(await run(command)).toBe(output);
});

test("the first command's real output stands in the first screen", () => {
  expect(README.split("\n").slice(0, 12).join("\n")).toContain("google/gemma-2b");
});
