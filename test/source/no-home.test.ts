import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../program.ts";

// A user without an entry in the password file, as containers run programs.
const { homedir } = os;
const setHomedir = (value: typeof homedir) => {
  os.homedir = value;
  syncBuiltinESMExports();
};
beforeAll(() =>
  setHomedir(() => {
    throw Object.assign(new Error("uv_os_homedir returned ENOENT"), { code: "ENOENT" });
  }),
);
afterAll(() => setHomedir(homedir));

const env = { HF_HOME: "", LLM_SIZE_CACHE: "" };

test("without a home there is no token file and no cache, and the rest works", async () => {
  expect(await runProgram(["gemma-2b", "--offline"], { env })).toMatchObject({ stderr: "", exitCode: 0 });
  expect(await runProgram(["acme/model", "--offline"], { env })).toMatchObject({ exitCode: 3 });
  const path = await runProgram(["~/model"], { env });
  expect(path.stderr).toMatch(/^error: ~\/model does not exist\n/);
});

test("llm-size cache says so", async () => {
  const { stderr, exitCode } = await runProgram(["cache"], { env });
  expect(stderr).toBe(
    "error: there is no home folder for the cache\n  hint: set LLM_SIZE_CACHE to a folder\n",
  );
  expect(exitCode).toBe(2);
});
