/** The memory of GPUs. */
import type { Device } from "./device.ts";
import { GPU_MEMORY } from "./gpu-memory.ts";
import { DEFAULT_GPU_MEMORY_UTILIZATION } from "./memory-options.ts";

const MIB = 2 ** 20;
const GITHUB = "https://github.com/";

interface Figure {
  readonly limitBytes: number;
  readonly source: string;
  readonly date: string;
}

const MODAL = "modal-labs/modal-client/pull/2797";

/** The memory that nvidia-smi prints, which lies between the GB of the name and as many GiB: a T4 of 16 GB has 15 GiB. */
const MEASURED: Readonly<Record<string, Figure>> = {
  "rtx-4060-laptop": measured(8192, "ollama/ollama/issues/7996", "2024-12-08"),
  "rtx-3060-12gb": measured(12_032, "smy20011/dreambooth-gui/issues/78", "2022-12-07"),
  t4: measured(15_360, MODAL, "2025-01-23"),
  a10: measured(23_028, MODAL, "2025-01-23"),
  l4: measured(23_034, MODAL, "2025-01-23"),
  "rtx-4090": measured(24_564, "vllm-project/vllm/issues/7553", "2024-08-15"),
  "rtx-3090": measured(24_576, "noonghunna/club-3090/issues/390", "2026-06-12"),
  "rtx-5090": measured(32_607, "noonghunna/club-3090/issues/1124", "2026-08-31"),
  "a100-40gb": measured(40_960, MODAL, "2025-01-23"),
  l40s: measured(46_068, MODAL, "2025-01-23"),
  h100: measured(81_559, MODAL, "2025-01-23"),
  "a100-80gb": measured(81_920, MODAL, "2025-01-23"),
};

function measured(mebibytes: number, source: string, date: string): Figure {
  return { limitBytes: mebibytes * MIB, source: GITHUB + source, date };
}

/** Every GPU of @huggingface/tasks with memory of its own. A name with several sizes has a row for each. */
export const GPUS: readonly Device[] = Object.entries(GPU_MEMORY.gigabytes).flatMap(([name, sizes]) =>
  sizes.map((gigabytes) => buildGpu(sizes.length === 1 ? name : `${name} ${gigabytes} GB`, gigabytes)),
);

/** 10^9 bytes per GB are the least that its maker can mean. */
function buildGpu(label: string, gigabytes: number): Device {
  const id = label
    .toLowerCase()
    .replace(/ gb$/, "gb")
    .replaceAll(/[^a-z0-9]+/g, "-");
  const { limitBytes, source, date } = MEASURED[id] ?? {
    limitBytes: gigabytes * 1e9,
    source: `${GITHUB}huggingface/huggingface.js/tree/main/packages/tasks`,
    date: GPU_MEMORY.date,
  };
  return {
    id,
    label,
    kind: "gpu",
    bounds: "memory",
    limitBytes,
    recommendedBytes: Math.floor(limitBytes * DEFAULT_GPU_MEMORY_UTILIZATION),
    limitName: "GPU memory",
    source,
    date,
    machine: null,
  };
}
