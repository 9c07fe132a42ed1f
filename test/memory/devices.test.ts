import { expect, test } from "vitest";
import { DEVICES } from "../../src/memory/devices.ts";
import { BOUNDS, DEVICE_KINDS } from "../../src/contract/terms.ts";

test("every device has an id of its own, a limit and a source", () => {
  expect(new Set(DEVICES.map(({ id }) => id)).size).toBe(DEVICES.length);
  for (const device of DEVICES) {
    expect(device.id).toMatch(/^[a-z0-9-]+$/);
    expect(Number.isSafeInteger(device.limitBytes) && device.limitBytes > 0).toBe(true);
    expect(device.source).toMatch(/^https:\/\/\S+$/);
    expect(device.date).toMatch(/^20\d\d(?:-\d\d(?:-\d\d)?)?$/);
    expect(device.limitName).not.toBe("");
  }
});

test("every kind and every bound is there, kinds together and what bounds memory smallest first", () => {
  expect([...new Set(DEVICES.map(({ kind }) => kind))]).toEqual(
    DEVICE_KINDS.filter((kind) => kind !== "own"),
  );
  expect(new Set(DEVICES.map(({ bounds }) => bounds))).toEqual(new Set(BOUNDS));
  for (const kind of ["phone", "gpu"]) {
    const sizes = DEVICES.filter((device) => device.kind === kind).map(({ limitBytes }) => limitBytes);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  }
});

test.each([
  ["mac-16gb", 10_922.67], // llama.cpp prints these in MiB
  ["mac-32gb", 21_845.33],
  ["mac-64gb", 49_152],
  ["rtx-4090", 24_564], // and nvidia-smi these
  ["h100", 81_559],
  ["wasm32", 4_096],
  ["webgpu-buffer", 256],
  ["webgpu-binding", 128],
])("%s: %d MiB", (id, mebibytes) => {
  const device = DEVICES.find((row) => row.id === id);
  expect((device?.limitBytes ?? 0) / 2 ** 20).toBeCloseTo(mebibytes, 2);
});
