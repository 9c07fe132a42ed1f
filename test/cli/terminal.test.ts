import { expect, test } from "vitest";
import { choosePaint, showProgress, wantsColor } from "../../src/cli/terminal.ts";
import { PLAIN } from "../../src/render/options.ts";

test.each([
  // flag       FORCE_COLOR, NO_COLOR, TERM                     terminal  colors
  [undefined, {}, true, true],
  [undefined, {}, false, false],
  [undefined, {}, undefined, false],
  [undefined, { TERM: "dumb" }, true, false],
  [undefined, { TERM: "xterm" }, true, true],
  [undefined, { NO_COLOR: "1" }, true, false],
  [undefined, { NO_COLOR: "0" }, true, false], // any value but empty
  [undefined, { NO_COLOR: "" }, true, true],
  [undefined, { FORCE_COLOR: "1" }, false, true],
  [undefined, { FORCE_COLOR: "3" }, false, true],
  [undefined, { FORCE_COLOR: "true" }, false, true],
  [undefined, { FORCE_COLOR: "0" }, true, false],
  [undefined, { FORCE_COLOR: "false" }, true, false],
  [undefined, { FORCE_COLOR: "" }, false, false],
  [undefined, { FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
  [undefined, { FORCE_COLOR: "1", TERM: "dumb" }, false, true],
  [true, { NO_COLOR: "1", FORCE_COLOR: "0", TERM: "dumb" }, false, true],
  [false, { FORCE_COLOR: "1" }, true, false],
])("flag %j, %j, terminal %j: %j", async (flag, env, isTTY, colors) => {
  const stream = { isTTY, write: () => {} };
  expect(wantsColor(stream, env, flag)).toBe(colors);
  const paint = await choosePaint(stream, env, flag);
  expect(paint.red("x")).toBe(colors ? "\u001b[31mx\u001b[39m" : "x");
  if (!colors) expect(paint).toBe(PLAIN);
});

function run(env: Record<string, string>, isTTY: boolean | undefined): string[] {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => void written.push(text) };
  const progress = showProgress({ env, stderr: stream });
  progress.update("known");
  progress.update("read");
  progress.clear();
  return written;
}

test("one line, written over, and gone when done", () => {
  expect(run({}, true)).toEqual([
    "asking the Hub …",
    "\r\u001b[2Kreading headers: 0 of 1 files",
    "\r\u001b[2Kreading headers: 1 of 1 files",
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
