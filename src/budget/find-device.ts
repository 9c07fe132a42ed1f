/** Devices by the names that people write. */
import { LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { DEVICES, KNOWN_DEVICES } from "../memory/devices.ts";
import { findNearestName } from "./nearest-name.ts";

/** Begins with a letter, where a size begins with a digit. */
export const DEVICE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

export function isDeviceName(text: string): boolean {
  return DEVICE_NAME.test(text.trim().toLowerCase());
}

/** Find a built-in device or one of the user's own, in any case. Throws USAGE. */
export function findDevice(id: string, own: readonly Device[]): Device {
  const devices = [...own, ...KNOWN_DEVICES];
  const wanted = id.trim().toLowerCase();
  const found = devices.find((device) => device.id === wanted);
  if (found) return found;
  // Some GPUs come with several sizes of memory: rtx-3060-8gb, rtx-3060-12gb.
  const sizes = devices
    .map((device) => device.id)
    .filter((name) => name.startsWith(`${wanted}-`) && /^\d+gb$/.test(name.slice(wanted.length + 1)));
  const nearest = findNearestName(
    id,
    devices.map((device) => device.id),
  );
  const meant = sizes.length > 0 ? sizes.join(" or ") : nearest;
  const listed = [...own, ...DEVICES].map((device) => device.id).join(", ");
  throw new LlmSizeError("USAGE", {
    message: `unknown device "${id}"`,
    hint:
      meant === null
        ? `the devices are ${listed} and other GPUs by name; add your own under "devices" in the config file`
        : `did you mean ${meant}?`,
  });
}
