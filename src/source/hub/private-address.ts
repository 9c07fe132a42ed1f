/** Addresses of this machine and of private networks, where a redirect from outside must not lead. */
import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry */
const PRIVATE_NETWORKS = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE_NETWORKS.addSubnet(address, bits, "ipv4");
for (const [address, bits] of [
  ["::", 127],
  ["64:ff9b::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE_NETWORKS.addSubnet(address, bits, "ipv6");

/** Names that lead to this machine or the local network wherever they are looked up. */
const PRIVATE_NAME = /^[^.]+\.?$|\.(?:localhost|local|internal|lan|home\.arpa)\.?$/i;

/** True for a host of a URL, a name or an address, that is private. A name may still lead to a private address. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? PRIVATE_NAME.test(bare) : isPrivateAddress(bare);
}

function isPrivateAddress(address: string): boolean {
  return PRIVATE_NETWORKS.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** True where a host is private, or its name leads to a private address. */
export async function leadsToPrivate(host: string): Promise<boolean> {
  if (isPrivateHost(host)) return true;
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some(({ address }) => isPrivateAddress(address));
}

/**
 * Return a lookup for connections that refuses names with a private address, unless the name is the endpoint's or the
 * endpoint is private itself.
 */
export function guardLookup(endpointHost: string): LookupFunction {
  return (name, options, callback) => {
    resolve(name, options).then(
      (found) => {
        const [first] = [found].flat();
        if (Array.isArray(found)) callback(null, found);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };

  async function resolve(name: string, options: LookupOptions): Promise<LookupAddress | LookupAddress[]> {
    const found = await lookup(name, options);
    const inside = [found].flat().find(({ address }) => isPrivateAddress(address));
    if (inside && name !== endpointHost && !(await leadsToPrivate(endpointHost)))
      throw new Error(`it leads to ${inside.address}, a private address`);
    return found;
  }
}
