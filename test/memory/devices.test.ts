import { expect, test } from "vitest";
import { DEVICE_NAME } from "../../src/budget/find-device.ts";
import { DEVICES, KNOWN_DEVICES } from "../../src/memory/devices.ts";
import { GPU_MEMORY } from "../../src/memory/gpu-memory.ts";
import { GPUS } from "../../src/memory/gpus.ts";
import { BOUNDS, DEVICE_KINDS } from "../../src/contract/terms.ts";
import { readGpuMemory } from "./build-gpu-memory.ts";

test("every device has an id of its own, a limit and a source", () => {
  expect(new Set(KNOWN_DEVICES.map(({ id }) => id)).size).toBe(KNOWN_DEVICES.length);
  for (const device of KNOWN_DEVICES) {
    expect(device.id).toMatch(DEVICE_NAME);
    expect(Number.isSafeInteger(device.limitBytes) && device.limitBytes > 0).toBe(true);
    expect(device.source).toMatch(/^https:\/\/\S+$/);
    expect(device.date).toMatch(/^20\d\d(?:-\d\d(?:-\d\d)?)?$/);
    expect(device.limitName).not.toBe("");
  }
});

test("every kind and every bound is there, kinds together and what bounds memory smallest first", () => {
  expect([...new Set(DEVICES.map(({ kind }) => kind))]).toEqual(
    DEVICE_KINDS.filter((kind) => kind !== "own" && kind !== "machine"),
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

test("the memory of GPUs is that of the installed @huggingface/tasks", () => {
  expect(GPU_MEMORY).toEqual({ date: GPU_MEMORY.date, ...readGpuMemory() });
});

test("what was measured lies between the GB of @huggingface/tasks and as many GiB", () => {
  const stated = Object.values(GPU_MEMORY.gigabytes).flat();
  expect(GPUS).toHaveLength(stated.length);
  const measured = GPUS.map(({ limitBytes }, index) => ({
    limitBytes,
    gigabytes: stated[index] ?? 0,
  })).filter(({ limitBytes, gigabytes }) => limitBytes !== gigabytes * 1e9);
  expect(measured).toHaveLength(12);
  for (const { limitBytes, gigabytes } of measured) {
    expect(limitBytes).toBeGreaterThan(gigabytes * 1e9);
    expect(limitBytes).toBeLessThanOrEqual(gigabytes * 2 ** 30);
  }
});
