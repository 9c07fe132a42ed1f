import { expect, test } from "vitest";
import { parseBudgetConfig, parseDevices } from "../../src/budget/config.ts";
import { resolveBudgets } from "../../src/budget/budget.ts";
import { isFailure } from "../../src/errors.ts";

const resolve = (config: object) =>
  resolveBudgets(parseBudgetConfig(config, "config"), { reference: "a/b", id: "a/b" })[0];

test("a model's own options go before those of patterns, and these before the defaults", () => {
  const config = {
    defaults: { context: "8k", batch: 2, bandwidth: "4g", maxDownloadTime: "2min" },
    budgets: [
      { model: "a/b", context: 2048, maxMemory: "8GiB" },
      { model: "a/*", batch: 4, kvDtype: "q8_0", layout: "full", maxMemory: "9GB" },
    ],
  };
  expect(resolve(config)).toMatchObject({
    limits: [
      { rule: "maxMemory", limit: 8 * 2 ** 30 },
      { rule: "maxDownloadTime", limit: 120 },
    ],
    options: {
      context: 2048,
      batch: 4,
      kvDtype: "q8_0",
      layout: "full",
      speed: { bitsPerSecond: 10_000_000 },
    },
  });
});

test("without a word it is 4,096 tokens of one sequence in bf16", () => {
  expect(resolve({ defaults: { maxMemory: "8GB" } })?.options).toEqual({
    context: 4096,
    batch: 1,
    kvDtype: "bf16",
    layout: "optimized",
    speed: null,
    variant: null,
    gpuMemoryUtilization: 0.9,
    draft: null,
    training: null,
  });
});

test.each<[string, unknown, object]>([
  ["a built-in device", "iphone-16", { limit: 6 * 2 ** 30, device: "iphone-16" }],
  ["a built-in device in capitals", " IPHONE-16 ", { limit: 6 * 2 ** 30, device: "iphone-16" }],
  ["one of the file", "kiosk", { limit: 4e9, device: "kiosk" }],
  ["a size", "4GB", { limit: 4e9, device: null }],
])("maxMemory is %s", (_what, maxMemory, expected) => {
  const devices = [{ id: "kiosk", memory: "4GB" }];
  expect(resolve({ devices, defaults: { maxMemory } })?.limits).toMatchObject([expected]);
});

test("a device of one's own bounds memory, a buffer or what is kept", () => {
  const devices = [
    { id: "kiosk", memory: "4GB", source: "its label", date: "2026-11" },
    { id: "tab", buffer: "256MiB" },
    { id: "disk", download: "2GB" },
  ];
  expect(parseDevices({ devices }, "config")).toMatchObject([
    {
      id: "kiosk",
      kind: "own",
      bounds: "memory",
      limitBytes: 4e9,
      limitName: "memory",
      source: "its label",
      date: "2026-11",
    },
    { bounds: "buffer", limitBytes: 2 ** 28, limitName: "largest buffer", source: null, date: null },
    { bounds: "download", limitBytes: 2e9, limitName: "storage" },
  ]);
  expect(parseDevices({ budgets: [] }, "config")).toEqual([]);
});

const kiosk = { id: "kiosk", memory: "4GB" };

test.each<[string, object, string, RegExp]>([
  ["a context in words", { context: "eight" }, "defaults.context", /invalid number of tokens "eight"/],
  ["no context", { context: 0 }, "defaults.context", /8192 or "8k"/],
  ["half a token", { context: 1.5 }, "defaults.context", /8192 or "8k"/],
  ["too long a context", { context: 1e9 }, "defaults.context", /8192 or "8k"/],
  ["no sequence", { batch: 0 }, "defaults.batch", /at least 1/],
  ["too many sequences", { batch: 10_000 }, "defaults.batch", /at most 9999/],
  ["a dtype that is none", { kvDtype: "int3" }, "defaults.kvDtype", /bf16 or fp16/],
  ["a layout that is none", { layout: "half" }, "defaults.layout", /optimized or full/],
  ["the flag's name", { quant: "fp8" }, "defaults", /unknown key "quant"/],
  ["a speed that is none", { bandwidth: "fast" }, "defaults.bandwidth", /invalid speed "fast"/],
  ["a memory without a unit", { maxMemory: "8" }, "defaults.maxMemory", /unit is missing/],
  ["a device that is none", { maxMemory: "toaster" }, "defaults.maxMemory", /unknown device "toaster"/],
  ["a device of no memory", { maxMemory: "webgpu-buffer" }, "defaults.maxMemory", /does not limit memory/],
  ["a share of all and more", { gpuMemoryUtilization: 1.1 }, "defaults.gpuMemoryUtilization", /such as 0\.9/],
  ["a share of one place", { maxMemory: "8GB", gpuMemoryUtilization: 0.8 }, "defaults", /maxMemory of GPUs/],
  ["a time without a unit", { maxDownloadTime: "30" }, "defaults.maxDownloadTime", /unit is missing/],
  ["a time in days", { maxDownloadTime: "2d" }, "defaults.maxDownloadTime", /unknown unit d/],
  ["a time without a bandwidth", { maxDownloadTime: "30s" }, "defaults", /needs a bandwidth/],
])("%s is refused", (_what, limits, path, problem) => {
  refuse({ defaults: { maxSize: "1GB", ...limits } }, path, problem);
});

test.each<[string, unknown, string, RegExp]>([
  ["a device without a limit", [{ id: "kiosk" }], "devices[0]", /one limit: memory, buffer, download/],
  ["a device of two limits", [{ ...kiosk, buffer: "1GB" }], "devices[0]", /one limit/],
  ["a device without a name", [{ memory: "4GB" }], "devices[0].id", /missing/],
  ["a name in capitals", [{ ...kiosk, id: "Kiosk" }], "devices[0].id", /lower-case/],
  ["all for a name", [{ ...kiosk, id: "all" }], "devices[0].id", /lower-case/],
  ["a size for a name", [{ ...kiosk, id: "4gb" }], "devices[0].id", /lower-case/],
  ["two of a name", [kiosk, kiosk], "devices[1].id", /devices\[0\] is already named kiosk/],
  ["a built-in name", [{ ...kiosk, id: "iphone-16" }], "devices[0].id", /built-in device is already named/],
  ["a memory that is none", [{ ...kiosk, memory: "lots" }], "devices[0].memory", /invalid size "lots"/],
  ["a key that is none", [{ ...kiosk, ram: "4GB" }], "devices[0]", /unknown key "ram"/],
  ["an object for the list", kiosk, "devices", /a list/],
])("%s is refused", (_what, devices, path, problem) => {
  refuse({ defaults: { maxSize: "1GB" }, devices }, path, problem);
});

test("an own limit of time takes the bandwidth of the defaults, and not that of another model", () => {
  const own = { model: "a/b", maxDownloadTime: "30s" };
  expect(resolve({ defaults: { bandwidth: "4g" }, budgets: [own] })?.options.speed?.id).toBe("4g");
  refuse(
    { budgets: [{ model: "c/d", bandwidth: "4g", maxDownloadTime: "1h" }, own] },
    "budgets[1]",
    /needs a bandwidth/,
  );
});

test.each<[string, object, string, RegExp]>([
  [
    "a context",
    { budgets: [{ model: "a/b", context: "8k", maxSize: "1GB" }] },
    "budgets[0]",
    /context needs maxMemory/,
  ],
  [
    "a layout of the defaults",
    { defaults: { layout: "full", maxClass: "2B" } },
    "defaults",
    /layout needs maxMemory/,
  ],
  [
    "a bandwidth",
    { defaults: { maxMemory: "1GB" }, budgets: [{ model: "a/b", bandwidth: "4g" }] },
    "budgets[0]",
    /bandwidth needs maxDownloadTime/,
  ],
])("%s without the limit that it is one of is refused", (_what, config, path, problem) => {
  refuse(config, path, problem);
});

test.each<[string, object]>([
  ["of the defaults", { defaults: { maxMemory: "1GB" }, budgets: [{ model: "a/b", context: "8k" }] }],
  [
    "of a pattern",
    {
      budgets: [
        { model: "a/*", maxMemory: "1GB" },
        { model: "a/b", batch: 2, maxClass: "2B" },
      ],
    },
  ],
  [
    "of a budget below defaults",
    { defaults: { context: "8k" }, budgets: [{ model: "a/b", maxMemory: "1GB" }] },
  ],
])("an option may be one of the limits %s", (_what, config) => {
  expect(() => parseBudgetConfig(config, "config")).not.toThrow();
});

test("one model is judged at two contexts, and not twice at one, though another way of saying it", () => {
  const at = (context: unknown) => ({ model: "a/b", maxMemory: "1GB", ...(context ? { context } : {}) });
  const { budgets } = parseBudgetConfig({ budgets: [at("4k"), at("8k")] }, "config");
  expect(budgets.map(({ options }) => options.context)).toEqual([4096, 8192]);
  refuse({ budgets: [at("4k"), at(4096)] }, "budgets[1]", /already has a budget/);
  refuse({ budgets: [at("4k"), at(null)] }, "budgets[1]", /already has a budget/);
});

function refuse(config: object, path: string, problem: RegExp): void {
  try {
    parseBudgetConfig(config, "config");
  } catch (error) {
    if (!isFailure(error, "CONFIG_INVALID")) throw error;
    expect(error.context).toMatchObject({ path, problem: expect.stringMatching(problem) });
    return;
  }
  throw new Error("it was accepted");
}
