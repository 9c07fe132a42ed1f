import { expect, test } from "vitest";
import { choosePaint, wantsColor } from "../../src/cli/color.ts";
import { PLAIN } from "../../src/render/paint.ts";

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
