import { expect, test } from "vitest";
import { findDevice } from "../../src/budget/find-device.ts";

test.each([
  ["4090", "did you mean rtx-4090?"],
  ["RTX 4090", "did you mean rtx-4090?"],
  ["rtx-4900", "did you mean rtx-4090?"],
  ["geforce-rtx-4090", "did you mean rtx-4090?"],
  ["nvidia-h100", "did you mean h100?"],
  ["a100", "did you mean a100-40gb or a100-80gb?"],
  ["ihpone-16", "did you mean iphone-16?"],
  ["x", expect.stringMatching(/^the devices are /)],
])("the unknown device %s: %s", (written, hint) => {
  expect(() => findDevice(written, [])).toThrow(expect.objectContaining({ hint }));
});

test("a device of one's own is suggested, too", () => {
  const own = { ...findDevice("h100", []), id: "kiosk" };
  expect(() => findDevice("koisk", [own])).toThrow(expect.objectContaining({ hint: "did you mean kiosk?" }));
});
