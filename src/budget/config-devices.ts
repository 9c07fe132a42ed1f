import { LlmSizeError } from "../errors.ts";
import { DEVICES, type Device } from "../memory/devices.ts";
import { BOUNDS, type Bound } from "../contract/terms.ts";
import type { WrittenDevice } from "./config-schema.ts";
import { parseQuantity } from "../contract/quantities.ts";

const LIMIT_NAMES = {
  memory: "memory",
  buffer: "largest buffer",
  download: "storage",
} as const satisfies Record<Bound, string>;

/** The devices of a config file. Throws CONFIG_INVALID for a name that is there already. */
export function readDevices(written: readonly WrittenDevice[], file: string): Device[] {
  const devices = written.map(readDevice);
  for (const [index, { id }] of devices.entries()) {
    const earlier = devices.findIndex((device) => device.id === id);
    const isBuiltIn = DEVICES.some((device) => device.id === id);
    if (earlier === index && !isBuiltIn) continue;
    throw new LlmSizeError("CONFIG_INVALID", {
      file,
      path: `devices[${index}].id`,
      problem: `there is ${isBuiltIn ? "a built-in device" : `another, devices[${earlier}],`} of the name ${id}`,
      hint: "give it another name",
    });
  }
  return devices;
}

function readDevice(written: WrittenDevice): Device {
  const { id, source = null, date = null, ...limits } = written;
  const bounds = BOUNDS.find((bound) => limits[bound] !== undefined) ?? "memory";
  const limitBytes = parseQuantity(limits[bounds] ?? "", "bytes");
  return {
    id,
    label: id,
    kind: "own",
    bounds,
    limitBytes,
    recommendedBytes: limitBytes,
    limitName: LIMIT_NAMES[bounds],
    source,
    date,
  };
}
