/** Devices by the names that people write. */
import { LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { DEVICES, KNOWN_DEVICES } from "../memory/devices.ts";
import { findNearestName } from "../contract/nearest-name.ts";

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
  const ids = devices.map((device) => device.id);
  const called = listDevicesCalled(id, ids);
  const near = called.length > 0 ? called : [findNearestName(id, ids)].filter((name) => name !== null);
  const listed = [...own, ...DEVICES].map((device) => device.id).join(", ");
  throw new LlmSizeError("USAGE", {
    message: `unknown device "${id}"`,
    hint:
      near.length === 0
        ? `the devices are ${listed} and other GPUs by name; add your own under "devices" in the config file`
        : `did you mean ${near.join(" or ")}?`,
  });
}

/** Shorter texts are part of many names. */
const MIN_PART = 3;

/**
 * Return the devices that a name is part of, or the one that is part of it: `nvidia-h100`. Some GPUs come with several sizes
 * of memory, which come first (`rtx-3060` is rtx-3060-8gb or rtx-3060-12gb), then names that end so (`4090`).
 */
export function listDevicesCalled(
  written: string,
  ids: readonly string[] = KNOWN_DEVICES.map(({ id }) => id),
): string[] {
  const wanted = toLetters(written);
  const wholes = ids.filter((id) => isPart(toLetters(id), wanted));
  const sizes = wholes.filter((id) => /^\d+gb$/.test(toLetters(id).slice(wanted.length)));
  const ending = wholes.filter((id) => toLetters(id).endsWith(wanted));
  const [longest] = ids
    .filter((id) => isPart(wanted, toLetters(id)))
    .toSorted((left, right) => right.length - left.length);
  const parts = longest === undefined ? [] : [longest];
  const [found = []] = [sizes, ending, wholes, parts].filter(({ length }) => length > 0);
  return found.slice(0, MAX_SUGGESTIONS);
}

const MAX_SUGGESTIONS = 5;

function isPart(whole: string, part: string): boolean {
  return part.length >= MIN_PART && whole.includes(part);
}

function toLetters(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
