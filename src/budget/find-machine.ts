/** Machines with several GPUs, by what people write: `2x24GB`, `2xrtx-4090,rtx-3090+64GB-ram`. */
import { parseQuantity } from "../contract/quantities.ts";
import { LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { findDevice, isDeviceName } from "./find-device.ts";

type Machine = NonNullable<Device["machine"]>;

/** More than any host has; vLLM and llama.cpp stop at 16. */
const MAX_GPUS = 16;
const MACHINE = /^(?<gpus>[^+]*?)(?:\+(?<ram>[^+]+?)-ram)?$/i;

/** Return true for the name of a machine: more than one GPU, or a GPU and RAM. */
export function isMachineName(text: string): boolean {
  return /^\d{1,3}x|,|.\+/i.test(text.trim());
}

/** Find a machine by its name. Throws USAGE. */
export function findMachine(text: string, own: readonly Device[]): Device {
  const { gpus = "", ram } = MACHINE.exec(text.trim())?.groups ?? {};
  if (gpus === "")
    throw new LlmSizeError("USAGE", {
      message: `invalid machine "${text}"`,
      hint: "write it as 2x24GB, 2xrtx-4090 or 2x24GB+64GB-ram",
    });
  return buildMachine({ gpus, ram: ram ?? null }, own);
}

/** Build a machine of GPUs and RAM; of RAM alone without GPUs. Throws USAGE. */
export function buildMachine(
  { gpus, ram }: { readonly gpus: string | null; readonly ram: string | null },
  own: readonly Device[],
): Device {
  const items = gpus === null ? [] : gpus.split(",").map((item) => item.trim().toLowerCase());
  const machine: Machine = {
    gpus: items.flatMap((item) => parseGpus(item, own)),
    ramBytes: ram === null ? null : parseQuantity(ram, "bytes"),
  };
  if (machine.gpus.length > MAX_GPUS)
    throw new LlmSizeError("USAGE", { message: `${machine.gpus.length} GPUs are more than ${MAX_GPUS}` });
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

function parseGpus(item: string, own: readonly Device[]): Machine["gpus"] {
  const [, count = "1", name = item] = /^(\d{1,3})x(.+)$/.exec(item) ?? [];
  if (Number(count) < 1)
    throw new LlmSizeError("USAGE", { message: `there is no GPU in "${item}"`, hint: "write it as 2x24GB" });
  const gpu = readGpu(name, own);
  return Array.from({ length: Math.min(Number(count), MAX_GPUS + 1) }, () => gpu);
}

function readGpu(name: string, own: readonly Device[]): Machine["gpus"][number] {
  if (!isDeviceName(name)) {
    const limitBytes = parseQuantity(name, "bytes");
    return { id: name, limitBytes, recommendedBytes: limitBytes };
  }
  const { id, bounds, limitBytes, recommendedBytes, limitName } = findDevice(name, own);
  if (bounds === "memory") return { id, limitBytes, recommendedBytes };
  throw new LlmSizeError("USAGE", { message: `${id} does not limit memory, but its ${limitName}` });
}
