import type { Device } from "./device.ts";
import { GPUS } from "./gpus.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const GITHUB = "https://github.com/";

/**
 * iOS ends an app that takes more than the limit; an app without the entitlement
 * com.apple.developer.kernel.increased-memory-limit gets only the recommended bytes. The limit of a tab of Safari is
 * not published.
 */
function iphone(
  [id, label]: readonly [string, string],
  bytes: Pick<Device, "limitBytes" | "recommendedBytes">,
  source: string,
  date: string,
): Device {
  const limitName = "entitled iOS app";
  return {
    id,
    label,
    kind: "phone",
    bounds: "memory",
    ...bytes,
    limitName,
    source: GITHUB + source,
    date,
    machine: null,
  };
}

/** The share an app gets is not published: half is recommended, as on an iPhone. */
function androidPhone(id: string, label: string, gibibytes: number): Device {
  return {
    id,
    label,
    kind: "phone",
    bounds: "memory",
    limitBytes: gibibytes * GIB,
    recommendedBytes: (gibibytes / 2) * GIB,
    limitName: "memory of the phone",
    source:
      "https://www.techradar.com/phones/iphone/apple-confirms-every-iphone-16-model-comes-with-8gb-of-ram-inside-matching-the-iphone-15-pro-and-pro-max",
    date: "2024-09-15",
    machine: null,
  };
}

/** Metal's recommendedMaxWorkingSetSize: 2/3 of a smaller Mac's memory and 3/4 of a larger one's. */
function mac(gibibytes: number, share: number, source: string, date: string): Device {
  const limitBytes = Math.floor(gibibytes * GIB * share);
  return {
    id: `mac-${gibibytes}gb`,
    label: `Mac, ${gibibytes} GB`,
    kind: "laptop",
    bounds: "memory",
    limitBytes,
    recommendedBytes: limitBytes,
    limitName: "Metal's working set",
    source: GITHUB + source,
    date,
    machine: null,
  };
}

/** Nothing else shares the limit, so all of it is recommended. */
function browser(device: Omit<Device, "kind" | "recommendedBytes" | "machine">): Device {
  return { ...device, kind: "browser", recommendedBytes: device.limitBytes, machine: null };
}

const WEBGPU = { source: "https://www.w3.org/TR/webgpu/#limits", date: "2024-12-19" };
const STORAGE_QUOTAS = {
  source: "https://developer.mozilla.org/en-US/docs/Web/API/Storage_API/Storage_quotas_and_eviction_criteria",
  date: "2024",
};

const COMMON_GPUS = [
  "rtx-4060-laptop",
  "rtx-3060-12gb",
  "t4",
  "a10",
  "l4",
  "rtx-4090",
  "rtx-3090",
  "rtx-5090",
  "a100-40gb",
  "l40s",
  "h100",
  "a100-80gb",
  "h200",
];

/** Devices people ask about, smallest first within a kind. */
export const DEVICES: readonly Device[] = [
  // Measured on an iPhone 13 Pro, which has 6 GB as well.
  iphone(
    ["iphone-15", "iPhone 15, 6 GB"],
    { limitBytes: 4_200_000_000, recommendedBytes: 3_120_000_000 },
    "a-ghorbani/pocketpal-ai/pull/651",
    "2026-03-27",
  ),
  // Measured on an iPhone 15 Pro, which has 8 GB as well; 6,144 MB also in ml-explore/mlx-swift-lm#209.
  iphone(
    ["iphone-16", "iPhone 16, 8 GB"],
    { limitBytes: 6 * GIB, recommendedBytes: 3 * GIB },
    "introlab/rtabmap/pull/1446",
    "2025-02-12",
  ),
  androidPhone("galaxy-s24", "Galaxy S24", 8),
  androidPhone("pixel-9", "Pixel 9", 12),

  {
    id: "copilot-plus-pc",
    label: "Copilot+ PC, 16 GB",
    kind: "laptop",
    bounds: "memory",
    limitBytes: 16 * GIB,
    // The share Windows gives graphics: learn.microsoft.com/windows-hardware/drivers/display/calculating-graphics-memory.
    recommendedBytes: 8 * GIB,
    limitName: "memory of the computer",
    // The least that such a PC has.
    source: "https://www.microsoft.com/windows/windows-11-specifications",
    date: "2025-03",
    machine: null,
  },
  mac(16, 2 / 3, "abetlen/llama-cpp-python/issues/687", "2023-09-14"),
  mac(32, 2 / 3, "ggml-org/llama.cpp/pull/2011", "2023-07-02"),
  mac(64, 3 / 4, "ggml-org/llama.cpp/issues/1870", "2023-11-25"),

  ...COMMON_GPUS.flatMap((id) => GPUS.filter((gpu) => gpu.id === id)),

  browser({
    id: "webgpu-binding",
    label: "Browser, WebGPU binding",
    bounds: "buffer",
    limitBytes: 128 * MIB,
    limitName: "default maxStorageBufferBindingSize, which a runtime can raise",
    ...WEBGPU,
  }),
  browser({
    id: "webgpu-buffer",
    label: "Browser, WebGPU buffer",
    bounds: "buffer",
    limitBytes: 256 * MIB,
    limitName: "default maxBufferSize, which a runtime can raise",
    ...WEBGPU,
  }),
  browser({
    id: "wasm32",
    label: "Browser, WebAssembly",
    bounds: "memory",
    limitBytes: 4 * GIB, // 65,536 pages of 64 KiB
    limitName: "32-bit address space",
    source: "https://v8.dev/blog/4gb-wasm-memory",
    date: "2020-05-14",
  }),
  browser({
    id: "firefox-storage",
    label: "Firefox, storage of a site",
    bounds: "download",
    limitBytes: 10 * GIB, // 10 % of the disk where that is less
    limitName: "Firefox's best-effort quota",
    ...STORAGE_QUOTAS,
  }),
  browser({
    id: "chrome-storage",
    label: "Chrome, storage of a site on a 128 GB disk",
    bounds: "download",
    limitBytes: 76_800_000_000, // 60 % of the disk
    limitName: "Chrome's storage quota",
    ...STORAGE_QUOTAS,
  }),
  browser({
    id: "safari-storage",
    label: "Safari, storage of a site on a 128 GB iPhone",
    bounds: "download",
    limitBytes: 76_800_000_000, // 60 % of the disk since Safari 17
    limitName: "Safari's storage quota",
    source: "https://webkit.org/blog/14403/updates-to-storage-policy/",
    date: "2023-08-10",
  }),
];

/** All devices that can be named. */
export const KNOWN_DEVICES: readonly Device[] = [...new Set([...GPUS, ...DEVICES])];
