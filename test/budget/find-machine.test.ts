import { expect, test } from "vitest";
import { buildMachine, findMachine, isMachineName } from "../../src/budget/find-machine.ts";

test.each([
  ["2x24GB", [24e9, 24e9], null],
  ["24GB,16GB", [24e9, 16e9], null],
  ["2xrtx-4090,rtx-3090", [24_564 * 2 ** 20, 24_564 * 2 ** 20, 24_576 * 2 ** 20], null],
  ["2x24GB+64GB-ram", [24e9, 24e9], 64e9],
  ["RTX-4090+64GB-RAM", [24_564 * 2 ** 20], 64e9],
])("%s", (name, gpus, ramBytes) => {
  expect(isMachineName(name)).toBe(true);
  const { machine, limitBytes } = findMachine(name, []);
  expect(machine?.gpus.map((gpu) => gpu.limitBytes)).toEqual(gpus);
  expect(machine?.ramBytes).toBe(ramBytes);
  expect(limitBytes).toBe(gpus.reduce((sum, bytes) => sum + bytes, ramBytes ?? 0));
});

test.each(["8GB", "rtx-4090", "iphone-16", "1.5GB", "our-x2-kiosk"])("%s is one device", (name) => {
  expect(isMachineName(name)).toBe(false);
});

test.each([
  ["2x", "does not say which GPUs"],
  ["2,2", "does not say which GPUs"],
  ["0x24GB", '"0x24GB" means 0 GPUs'],
  ["1xx24GB", "does not say how many GPUs"],
  ["2x24", "lacks the unit"],
  ["2x24GB,", "missing between the commas"],
  ["24GBx2,8GB", "does not begin with the number"],
  ["2xiphone-16", "is a phone"],
  ["17x24GB", "more than 16"],
  ["2xfirefox-storage", "does not limit memory"],
  ["2xrtx-5999", "unknown device"],
  ["2x24GB+64GB", "invalid machine"],
  ["+64GB-ram", "invalid machine"],
])("%s is refused", (name, message) => {
  expect(() => findMachine(name, [])).toThrow(new RegExp(message));
});

test("RAM without a GPU is a machine, too", () => {
  expect(buildMachine({ gpus: null, ram: "64GB" }, [])).toMatchObject({ id: "64GB-ram", limitBytes: 64e9 });
});
