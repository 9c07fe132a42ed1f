import { expect, test } from "vitest";
import { showProgress } from "../../src/cli/progress.ts";

function run(env: Record<string, string>, isTTY: boolean | undefined): string[] {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => void written.push(text) };
  const progress = showProgress({ env, stderr: stream });
  progress.update({ read: 0, known: 2 });
  progress.update({ read: 2, known: 2 });
  progress.clear();
  return written;
}

test("one line, written over, and gone when done", () => {
  expect(run({}, true)).toEqual([
    "asking the Hub …",
    "\r\u001b[2Kreading headers: 0 of 2 files",
    "\r\u001b[2Kreading headers: 2 of 2 files",
    "\r\u001b[2K",
  ]);
});

test.each([
  ["a pipe", {}, false],
  ["a stream that does not say", {}, undefined],
  ["a dumb terminal", { TERM: "dumb" }, true],
  ["HF_HUB_DISABLE_PROGRESS_BARS=1", { HF_HUB_DISABLE_PROGRESS_BARS: "1" }, true],
  ["HF_HUB_DISABLE_PROGRESS_BARS=ON", { HF_HUB_DISABLE_PROGRESS_BARS: "ON" }, true],
])("nothing for %s", (_what, env, isTTY) => {
  expect(run(env, isTTY)).toEqual([]);
});

test("HF_HUB_DISABLE_PROGRESS_BARS=0 disables nothing", () => {
  expect(run({ HF_HUB_DISABLE_PROGRESS_BARS: "0" }, true)).toHaveLength(4);
});
