/** Machines with several GPUs, by what people write: `2x24GB`, `2xrtx-4090,rtx-3090+64GB-ram`. */
import { parseQuantity } from "../contract/quantities.ts";
import { LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { DEFAULT_GPU_MEMORY_UTILIZATION } from "../memory/memory-options.ts";
import { findDevice, isDeviceName } from "./find-device.ts";

type Machine = NonNullable<Device["machine"]>;

/** More than any host has; vLLM and llama.cpp stop at 16. */
const MAX_GPUS = 16;
const MACHINE = /^(?<gpus>[^+]*?)(?:\+(?<ram>[^+]+?)-ram)?$/i;

/** Return true for the name of a machine: more than one GPU, or a GPU and RAM. */
export function isMachineName(text: string): boolean {
  return /^\d{1,3}x|,|.\+/i.test(text.trim());
}

/** How a machine is used, whatever it has. */
export interface MachineOptions {
  /** The share of each GPU that vLLM takes, above 0 and at most 1. */
  readonly gpuMemoryUtilization?: number | undefined;
}

/** Find a machine by its name. Throws USAGE. */
export function findMachine(text: string, own: readonly Device[], options: MachineOptions = {}): Device {
  const { gpus = "", ram } = MACHINE.exec(text.trim())?.groups ?? {};
  if (gpus === "") throw refuse(`invalid machine "${text}"`, "2x24GB, 2xrtx-4090 or 2x24GB+64GB-ram");
  return buildMachine({ gpus, ram: ram ?? null }, own, options);
}

/** Build a machine of GPUs and RAM; of RAM alone without GPUs. Throws USAGE. */
export function buildMachine(
  { gpus, ram }: { readonly gpus: string | null; readonly ram: string | null },
  own: readonly Device[],
  { gpuMemoryUtilization = DEFAULT_GPU_MEMORY_UTILIZATION }: MachineOptions = {},
): Device {
  if (gpus?.includes("+")) throw refuse(`"${gpus}" has more than GPUs`, "--gpus 2x24GB --ram 64GB");
  const items = gpus === null ? [] : gpus.split(",").map((item) => item.trim());
  const machine: Machine = {
    gpus: items.flatMap((item) => parseGpus(item, own)),
    ramBytes: ram === null ? null : parseQuantity(ram, "bytes"),
    gpuMemoryUtilization,
  };
  if (machine.gpus.length > MAX_GPUS)
    throw new LlmSizeError("USAGE", {
      message: `"${gpus}" is more than ${MAX_GPUS} GPUs`,
      hint: `llama.cpp and vLLM split a model over ${MAX_GPUS} at most`,
    });
  const names = [
    ...(gpus === null ? [] : [gpus.replaceAll(/\s/g, "")]),
    ...(ram === null ? [] : [`${ram.replaceAll(/\s/g, "")}-ram`]),
  ];
  const id = names.join("+");
  const sum = (key: "limitBytes" | "recommendedBytes") =>
    machine.gpus.reduce((total, gpu) => total + gpu[key], machine.ramBytes ?? 0);
  return {
    id,
    label: id,
    kind: "machine",
    bounds: "memory",
    limitBytes: sum("limitBytes"),
    recommendedBytes: sum("recommendedBytes"),
    limitName:
      names.length === 1 && gpus === null ? "RAM" : ram === null ? "GPU memory" : "GPU memory and RAM",
    source: null,
    date: null,
    machine,
  };
}

function refuse(message: string, forms = "2x24GB, 2xrtx-4090 or 24GB,16GB"): LlmSizeError {
  return new LlmSizeError("USAGE", { message, hint: `write it as ${forms}` });
}

function parseGpus(item: string, own: readonly Device[]): Machine["gpus"] {
  const [, count = "1", name = item] = /^(\d+)x(.*)$/i.exec(item) ?? [];
  const [, last, turned] = /^(.+)x(\d{1,2})$/i.exec(item) ?? [];
  if (item === "") throw refuse("a GPU is missing between the commas");
  if (Number(count) < 1) throw refuse(`"${item}" means 0 GPUs`, item.replace(/^0+/, "2"));
  if (name === "" || /^\d{1,2}$/.test(item)) throw refuse(`"${item}" does not say which GPUs`);
  if (/^x\d/i.test(name)) throw refuse(`"${item}" does not say how many GPUs`, `2${name}`);
  if (/^\d+(?:\.\d+)?$/.test(name)) throw refuse(`"${item}" lacks the unit of the memory`, `${item}GB`);
  if (last !== undefined && !isDeviceName(item))
    throw refuse(`"${item}" does not begin with the number of GPUs`, `${turned}x${last}`);
  const gpu = readGpu(name, own);
  return Array.from({ length: Math.min(Number(count), MAX_GPUS + 1) }, () => gpu);
}

function readGpu(name: string, own: readonly Device[]): Machine["gpus"][number] {
  if (!isDeviceName(name)) {
    const limitBytes = parseQuantity(name, "bytes");
    return { id: name, limitBytes, recommendedBytes: limitBytes };
  }
  const { id, kind, bounds, limitBytes, recommendedBytes, limitName } = findDevice(name, own);
  if (kind === "phone") throw refuse(`${id} is a phone`, `--device ${id}`);
  if (bounds === "memory") return { id, limitBytes, recommendedBytes };
  throw new LlmSizeError("USAGE", { message: `${id} does not limit memory, but its ${limitName}` });
}
