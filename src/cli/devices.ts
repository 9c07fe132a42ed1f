/** The devices a command line names: those of the table, of the config file, and a bare memory. */
import { parseDevices } from "../budget/config.ts";
import { findDevice } from "../budget/find-device.ts";
import { parseLimit } from "../budget/limits.ts";
import { DEVICES, type Device } from "../memory/devices.ts";
import { findBudgetConfig } from "../files/config-file.ts";
import type { FitOptions } from "./commands/fit.ts";

/** Shown where no device is named: a phone, a laptop and a browser, as a web developer has them in mind. */
const USUAL = ["iphone-16", "mac-16gb", "wasm32"];

/** Throws USAGE for a device or a memory that is none. */
export async function chooseDevices({ device, memory, config }: FitOptions): Promise<Device[]> {
  const given = memory === undefined ? [] : [describeMemory(memory)];
  if (device === undefined && given.length > 0) return given;
  const ids = device ?? USUAL;
  const own = config !== undefined || !ids.every(isBuiltIn) ? await readOwnDevices(config ?? null) : [];
  const named = ids.flatMap((id) =>
    id.toLowerCase() === "all" ? [...DEVICES, ...own] : findDevice(id, own),
  );
  return [...new Set([...given, ...named])];
}

export function isBuiltIn(id: string): boolean {
  return DEVICES.some((known) => known.id === id.toLowerCase());
}

/** The devices of the config file; none where there is no file. */
export async function readOwnDevices(file: string | null): Promise<Device[]> {
  const found = await findBudgetConfig(file);
  return found ? parseDevices(found.value, found.file) : [];
}

function describeMemory(memory: string): Device {
  const limitBytes = parseLimit(memory, "bytes");
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
  };
}
