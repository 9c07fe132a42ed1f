import { LlmSizeError } from "../errors.ts";
import { DEVICES, type Device } from "../memory/devices.ts";
import { findNearestName } from "../source/nearest-name.ts";

/** A size begins with a digit, a device with a letter. */
export const DEVICE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

export function isDeviceName(text: string): boolean {
  return DEVICE_NAME.test(text.trim().toLowerCase());
}

/** A device of the table, or one of the user's own; case does not matter. Throws USAGE. */
export function findDevice(id: string, own: readonly Device[]): Device {
  const devices = [...own, ...DEVICES];
  const wanted = id.trim().toLowerCase();
  const found = devices.find((device) => device.id === wanted);
  if (found) return found;
  const ids = devices.map((device) => device.id);
  const nearest = findNearestName(id, ids);
  throw new LlmSizeError("USAGE", {
    message: `"${id}" is no known device`,
    hint:
      nearest === null
        ? `there are ${ids.join(", ")}; or describe your own under "devices" in the config file`
        : `did you mean ${nearest}?`,
  });
}

/** A device whose memory can be a limit. Throws USAGE for one that bounds something else. */
export function findMemoryDevice(id: string, own: readonly Device[]): Device {
  const device = findDevice(id, own);
  if (device.bounds === "memory") return device;
  throw new LlmSizeError("USAGE", {
    message: `${id} bounds no memory but ${device.limitName}`,
    hint: "name a device with a limit of memory, or a size such as 8GB",
  });
}
