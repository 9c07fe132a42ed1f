import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startClock, startDeadline } from "../../../src/source/hub/clock.ts";

const IDLE_MS = 20;

/** Tell whether a request is given up that gets its answer from `ask`, of which the loop hears nothing while it is blocked. */
async function isGivenUp(ask: (whenAnswered: () => void) => void): Promise<boolean> {
  const clock = startClock(60_000);
  const deadline = startDeadline(IDLE_MS, clock);
  ask(deadline.stop);
  for (const until = performance.now() + 4 * IDLE_MS; performance.now() < until;);
  await sleep(IDLE_MS);
  clock.stop();
  return deadline.signal.aborted;
}

test("what arrives while the machine is busy is no silence", async () => {
  expect(await isGivenUp((whenAnswered) => randomBytes(16, whenAnswered))).toBe(false);
  expect(await isGivenUp(() => {})).toBe(true);
});
