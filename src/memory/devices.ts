import type { MemoryReport } from "../contract/types.ts";

/** Above the recommended bytes other processes may get in the way; they are the limit itself where nothing shares it. */
export type Device = Readonly<MemoryReport["devices"][number]>;

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
  return { id, label, kind: "phone", bounds: "memory", ...bytes, limitName, source: GITHUB + source, date };
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
  };
}

/** The share of a GPU's memory that an engine takes by default: `gpu_memory_utilization` of vllm-project/vllm. */
const RECOMMENDED_SHARE = 0.9;

/** As nvidia-smi prints it: somewhat less than the name promises. */
function gpu(id: string, label: string, limitBytes: number, source: string, date: string): Device {
  return {
    id,
    label,
    kind: "gpu",
    bounds: "memory",
    limitBytes,
    recommendedBytes: Math.floor(limitBytes * RECOMMENDED_SHARE),
    limitName: "GPU memory",
    source: GITHUB + source,
    date,
  };
}

/** Nothing else shares the limit, so all of it is recommended. */
function browser(device: Omit<Device, "kind" | "recommendedBytes">): Device {
  return { ...device, kind: "browser", recommendedBytes: device.limitBytes };
}

const MODAL = "modal-labs/modal-client/pull/2797";
const WEBGPU = { source: "https://www.w3.org/TR/webgpu/#limits", date: "2024-12-19" };
const STORAGE_QUOTAS = {
  source: "https://developer.mozilla.org/en-US/docs/Web/API/Storage_API/Storage_quotas_and_eviction_criteria",
  date: "2024",
};

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
  },
  mac(16, 2 / 3, "abetlen/llama-cpp-python/issues/687", "2023-09-14"),
  mac(32, 2 / 3, "ggml-org/llama.cpp/pull/2011", "2023-07-02"),
  mac(64, 3 / 4, "ggml-org/llama.cpp/issues/1870", "2023-11-25"),

  gpu("rtx-4060-laptop", "RTX 4060 Laptop", 8 * GIB, "ollama/ollama/issues/7996", "2024-12-08"),
  gpu("rtx-3060", "RTX 3060", 11.75 * GIB, "smy20011/dreambooth-gui/issues/78", "2022-12-07"),
  gpu("t4", "T4", 15_360 * MIB, MODAL, "2025-01-23"),
  gpu("a10", "A10", 23_028 * MIB, MODAL, "2025-01-23"),
  gpu("l4", "L4", 23_034 * MIB, MODAL, "2025-01-23"),
  gpu("rtx-4090", "RTX 4090", 24_564 * MIB, "vllm-project/vllm/issues/7553", "2024-08-15"),
  gpu("rtx-3090", "RTX 3090", 24_576 * MIB, "noonghunna/club-3090/issues/390", "2026-06-12"),
  gpu("rtx-5090", "RTX 5090", 32_607 * MIB, "noonghunna/club-3090/issues/1124", "2026-08-31"),
  gpu("a100-40gb", "A100 40 GB", 40_960 * MIB, MODAL, "2025-01-23"),
  gpu("l40s", "L40S", 46_068 * MIB, MODAL, "2025-01-23"),
  gpu("h100", "H100 80 GB", 81_559 * MIB, MODAL, "2025-01-23"),
  gpu("a100-80gb", "A100 80 GB", 81_920 * MIB, MODAL, "2025-01-23"),
  // 141 GB of 10^9 bytes, the least its maker can mean.
  gpu("h200", "H200", 141_000_000_000, "allenai/open-instruct/pull/1441", "2026-01-30"),

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
