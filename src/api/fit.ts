/** The devices and connections that models are planned for. */
import { parseDevices } from "../budget/config.ts";
import { findDevice } from "../budget/find-device.ts";
import { buildMachine, findMachine, isMachineName } from "../budget/find-machine.ts";
import { parseQuantity } from "../contract/quantities.ts";
import { LlmSizeError } from "../errors.ts";
import { findBudgetConfig } from "../files/config-file.ts";
import type { Device } from "../memory/device.ts";
import { DEVICES, KNOWN_DEVICES } from "../memory/devices.ts";
import { parseNetworkSpeed, type NetworkSpeed } from "../memory/download-time.ts";

/** Defaults for a web developer: a phone, a laptop and a browser, and the connections of visitors. */
const DEFAULT_DEVICES = ["iphone-16", "mac-16gb", "wasm32"];
const DEFAULT_BANDWIDTHS = ["4g", "broadband"];

/**
 * Find devices by their ids in the built-in table and the config file; `memory`, such as 8GB, is one more, `gpus` are a
 * machine, and with `ram` another one. Throws USAGE for an unknown device or an invalid size.
 */
export async function readDevices(
  options: {
    readonly device?: readonly string[] | undefined;
    readonly memory?: string | undefined;
    readonly gpus?: string | undefined;
    readonly ram?: string | undefined;
    readonly gpuMemoryUtilization?: number | undefined;
    readonly config?: string | undefined;
  },
  cwd: string,
): Promise<Device[]> {
  const { device, memory, gpus, ram, config, gpuMemoryUtilization } = options;
  const isGiven = memory !== undefined || gpus !== undefined || ram !== undefined;
  const ids = device ?? (isGiven ? [] : DEFAULT_DEVICES);
  const isOwn = !ids.every(isBuiltIn) || (gpus !== undefined && /[a-z]{3}/i.test(gpus));
  const own = config !== undefined || isOwn ? await readOwnDevices(config ?? null, cwd) : [];
  const given = [
    ...(memory === undefined ? [] : [buildMemoryDevice(memory)]),
    ...(gpus === undefined ? [] : [buildMachine({ gpus, ram: null }, own, { gpuMemoryUtilization })]),
    ...(ram === undefined ? [] : [buildMachine({ gpus: gpus ?? null, ram }, own, { gpuMemoryUtilization })]),
  ];
  const named = ids.flatMap((id) =>
    id.toLowerCase() === "all"
      ? [...DEVICES, ...own]
      : isMachineName(id)
        ? findMachine(id, own, { gpuMemoryUtilization })
        : findDevice(id, own),
  );
  if (gpuMemoryUtilization !== undefined && ![...given, ...named].some(({ machine }) => machine?.gpus.length))
    throw new LlmSizeError("USAGE", { message: "--gpu-memory-utilization comes with --gpus" });
  return [...new Set([...given, ...named])];
}

export function isBuiltIn(id: string): boolean {
  return KNOWN_DEVICES.some((known) => known.id === id.toLowerCase());
}

/** Read the devices of the config file; none without a file. */
export async function readOwnDevices(file: string | null, cwd: string): Promise<Device[]> {
  const found = await findBudgetConfig(file, cwd);
  return found ? parseDevices(found.value, found.file) : [];
}

function buildMemoryDevice(memory: string): Device {
  const limitBytes = parseQuantity(memory, "bytes");
  return {
    id: memory,
    label: memory,
    kind: "own",
    bounds: "memory",
    limitBytes,
    recommendedBytes: limitBytes,
    limitName: "memory given",
    source: null,
    date: null,
    machine: null,
  };
}

/** Parse speeds of connections, each once. Throws USAGE. */
export function parseNetworkSpeeds(texts: readonly string[] = DEFAULT_BANDWIDTHS): NetworkSpeed[] {
  const connections = texts.map(parseNetworkSpeed);
  return [...new Map(connections.map((connection) => [connection.id, connection])).values()];
}
