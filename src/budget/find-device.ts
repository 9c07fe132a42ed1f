/** Devices by the names that people write. */
import { LlmSizeError } from "../errors.ts";
import { DEVICES, type Device } from "../memory/devices.ts";
import { findNearestName } from "./nearest-name.ts";

/** Begins with a letter, where a size begins with a digit. */
export const DEVICE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

export function isDeviceName(text: string): boolean {
  return DEVICE_NAME.test(text.trim().toLowerCase());
}

/** Find a built-in device or one of the user's own, in any case. Throws USAGE. */
export function findDevice(id: string, own: readonly Device[]): Device {
  const devices = [...own, ...DEVICES];
  const wanted = id.trim().toLowerCase();
  const found = devices.find((device) => device.id === wanted);
  if (found) return found;
  const ids = devices.map((device) => device.id);
  const nearest = findNearestName(id, ids);
  throw new LlmSizeError("USAGE", {
    message: `unknown device "${id}"`,
    hint:
      nearest === null
        ? `the devices are ${ids.join(", ")}; add your own under "devices" in the config file`
        : `did you mean ${nearest}?`,
  });
}
