/** What a device's limit is a limit of. */
export const BOUNDS = ["memory", "buffer", "download"] as const;

export type Bound = (typeof BOUNDS)[number];

/** `own`: one that the user describes. */
export const DEVICE_KINDS = ["phone", "laptop", "gpu", "browser", "own"] as const;

export type DeviceKind = (typeof DEVICE_KINDS)[number];

export interface Device {
  readonly id: string;
  readonly label: string;
  readonly kind: DeviceKind;
  /** All memory in use, the largest single tensor, or the bytes that are kept on the device. */
  readonly bounds: Bound;
  readonly limitBytes: number;
  /** Beyond it, other things get in the way: a fit is tight. The limit itself where nothing shares it. */
  readonly recommendedBytes: number;
  readonly limitName: string;
  /** Null where the user gave none. */
  readonly source: string | null;
  /** When the source said so. */
  readonly date: string | null;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/**
 * iOS ends an app that takes more; one that does not ask for more (com.apple.developer.kernel.increased-memory-limit)
 * gets only what is comfortable. What a tab of Safari gets is not published.
 */
const iphone = (
  id: string,
  label: string,
  limitBytes: number,
  recommendedBytes: number,
  source: string,
  date: string,
): Device => ({
  id,
  label,
  kind: "phone",
  bounds: "memory",
  limitBytes,
  recommendedBytes,
  limitName: "iOS app that asks for it",
  source,
  date,
});

/** How much of it an app gets is not published: half is comfortable, as on an iPhone. */
const androidPhone = (id: string, label: string, gibibytes: number): Device => ({
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
});

/** Metal's recommendedMaxWorkingSetSize: 2/3 of a smaller Mac's memory and 3/4 of a larger one's. */
const mac = (gibibytes: number, share: number, source: string, date: string): Device => ({
  id: `mac-${gibibytes}gb`,
  label: `Mac, ${gibibytes} GB`,
  kind: "laptop",
  bounds: "memory",
  limitBytes: Math.floor(gibibytes * GIB * share),
  recommendedBytes: Math.floor(gibibytes * GIB * share),
  limitName: "Metal's working set",
  source,
  date,
});

/** What an engine takes of a GPU's memory unless told otherwise: vllm-project/vllm, `gpu_memory_utilization`. */
const COMFORTABLE_SHARE = 0.9;

/** As nvidia-smi gives it: somewhat less than the name says. */
const gpu = (id: string, label: string, limitBytes: number, source: string, date: string): Device => ({
  id,
  label,
  kind: "gpu",
  bounds: "memory",
  limitBytes,
  recommendedBytes: Math.floor(limitBytes * COMFORTABLE_SHARE),
  limitName: "GPU memory",
  source,
  date,
});

const MODAL = "https://github.com/modal-labs/modal-client/pull/2797";
const WEBGPU = "https://www.w3.org/TR/webgpu/#limits";
const STORAGE_QUOTAS =
  "https://developer.mozilla.org/en-US/docs/Web/API/Storage_API/Storage_quotas_and_eviction_criteria";

const browser = (
  id: string,
  label: string,
  bounds: Bound,
  limitBytes: number,
  limitName: string,
  source: string,
  date: string,
): Device => ({
  id,
  label,
  kind: "browser",
  bounds,
  limitBytes,
  recommendedBytes: limitBytes,
  limitName,
  source,
  date,
});

/** Devices people ask about, smallest first within a kind. */
export const DEVICES: readonly Device[] = [
  // Measured on an iPhone 13 Pro, which has 6 GB as well.
  iphone(
    "iphone-15",
    "iPhone 15, 6 GB",
    4_200_000_000,
    3_120_000_000,
    "https://github.com/a-ghorbani/pocketpal-ai/pull/651",
    "2026-03-27",
  ),
  // Measured on an iPhone 15 Pro, which has 8 GB as well; 6,144 MB also in ml-explore/mlx-swift-lm#209.
  iphone(
    "iphone-16",
    "iPhone 16, 8 GB",
    6 * GIB,
    3 * GIB,
    "https://github.com/introlab/rtabmap/pull/1446",
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
    // What Windows lets graphics have: learn.microsoft.com/windows-hardware/drivers/display/calculating-graphics-memory.
    recommendedBytes: 8 * GIB,
    limitName: "memory of the computer",
    // The least that such a PC has.
    source: "https://www.microsoft.com/windows/windows-11-specifications",
    date: "2025-03",
  },
  mac(16, 2 / 3, "https://github.com/abetlen/llama-cpp-python/issues/687", "2023-09-14"),
  mac(32, 2 / 3, "https://github.com/ggml-org/llama.cpp/pull/2011", "2023-07-02"),
  mac(64, 3 / 4, "https://github.com/ggml-org/llama.cpp/issues/1870", "2023-11-25"),

  gpu(
    "rtx-4060-laptop",
    "RTX 4060 Laptop",
    8 * GIB,
    "https://github.com/ollama/ollama/issues/7996",
    "2024-12-08",
  ),
  gpu(
    "rtx-3060",
    "RTX 3060",
    11.75 * GIB,
    "https://github.com/smy20011/dreambooth-gui/issues/78",
    "2022-12-07",
  ),
  gpu("t4", "T4", 15_360 * MIB, MODAL, "2025-01-23"),
  gpu("a10", "A10", 23_028 * MIB, MODAL, "2025-01-23"),
  gpu("l4", "L4", 23_034 * MIB, MODAL, "2025-01-23"),
  gpu("rtx-4090", "RTX 4090", 24_564 * MIB, "https://github.com/vllm-project/vllm/issues/7553", "2024-08-15"),
  gpu(
    "rtx-3090",
    "RTX 3090",
    24_576 * MIB,
    "https://github.com/noonghunna/club-3090/issues/390",
    "2026-06-12",
  ),
  gpu(
    "rtx-5090",
    "RTX 5090",
    32_607 * MIB,
    "https://github.com/noonghunna/club-3090/issues/1124",
    "2026-08-31",
  ),
  gpu("a100-40gb", "A100 40 GB", 40_960 * MIB, MODAL, "2025-01-23"),
  gpu("l40s", "L40S", 46_068 * MIB, MODAL, "2025-01-23"),
  gpu("h100", "H100 80 GB", 81_559 * MIB, MODAL, "2025-01-23"),
  gpu("a100-80gb", "A100 80 GB", 81_920 * MIB, MODAL, "2025-01-23"),
  // 141 GB of 10^9 bytes, the least its maker can mean.
  gpu("h200", "H200", 141_000_000_000, "https://github.com/allenai/open-instruct/pull/1441", "2026-01-30"),

  browser(
    "webgpu-binding",
    "Browser, WebGPU binding",
    "buffer",
    128 * MIB,
    "default maxStorageBufferBindingSize",
    WEBGPU,
    "2024-12-19",
  ),
  browser(
    "webgpu-buffer",
    "Browser, WebGPU buffer",
    "buffer",
    256 * MIB,
    "default maxBufferSize",
    WEBGPU,
    "2024-12-19",
  ),
  // 65,536 pages of 64 KiB.
  browser(
    "wasm32",
    "Browser, WebAssembly",
    "memory",
    4 * GIB,
    "32-bit address space",
    "https://v8.dev/blog/4gb-wasm-memory",
    "2020-05-14",
  ),
  // 10 % of the disk where that is less.
  browser(
    "firefox-storage",
    "Firefox, storage of a site",
    "download",
    10 * GIB,
    "Firefox's best-effort quota",
    STORAGE_QUOTAS,
    "2024",
  ),
  // 60 % of the disk.
  browser(
    "chrome-storage",
    "Chrome, storage of a site on a 128 GB disk",
    "download",
    76_800_000_000,
    "Chrome's storage quota",
    STORAGE_QUOTAS,
    "2024",
  ),
  // The same since Safari 17.
  browser(
    "safari-storage",
    "Safari, storage of a site on a 128 GB iPhone",
    "download",
    76_800_000_000,
    "Safari's storage quota",
    "https://webkit.org/blog/14403/updates-to-storage-policy/",
    "2023-08-10",
  ),
];
