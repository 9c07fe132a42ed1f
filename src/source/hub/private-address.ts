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
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE_NETWORKS.addSubnet(address, bits, "ipv6");

/** Addresses of IPv6 that lead to one of IPv4, which begins at a group of 16 bits: 127.0.0.1 in 2002:7f00:1:: */
const CARRIERS = [
  { network: "::", bits: 96, group: 6 }, // IPv4-compatible, with :: and ::1 (RFC 4291)
  { network: "::ffff:0:0:0", bits: 96, group: 6 }, // IPv4-translated (RFC 2765)
  { network: "64:ff9b::", bits: 96, group: 6 }, // NAT64 (RFC 6052)
  { network: "2002::", bits: 16, group: 1 }, // 6to4 (RFC 3056)
  { network: "2001::", bits: 32, group: 2 }, // the server of Teredo (RFC 4380)
  { network: "2001::", bits: 32, group: 6, isInverted: true }, // and its client
].map(({ network, bits, group, isInverted = false }) => {
  const list = new BlockList();
  list.addSubnet(network, bits, "ipv6");
  return { list, group, isInverted };
});

/** Names that lead to this machine or the local network wherever they are looked up. */
const PRIVATE_NAME = /^[^.]+\.?$|\.(?:localhost|local|internal|lan|home\.arpa)\.?$/i;

/** True for a host of a URL, a name or an address, that is private. A name may still lead to a private address. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? PRIVATE_NAME.test(bare) : isPrivateAddress(bare);
}

function isPrivateAddress(address: string): boolean {
  if (isIP(address) !== 6) return PRIVATE_NETWORKS.check(address, "ipv4");
  const bare = address.replace(/%.*/, ""); // fe80::1%eth0
  return PRIVATE_NETWORKS.check(bare, "ipv6") || listCarried(bare).some(isPrivateAddress);
}

/** List the addresses of IPv4 that one of IPv6 leads to. */
function listCarried(address: string): string[] {
  const [head = "", tail = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const [first, last] = [parseGroups(head), parseGroups(tail)];
  const groups = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return CARRIERS.filter(({ list }) => list.check(address, "ipv6")).map(({ group, isInverted }) =>
    groups
      .slice(group, group + 2)
      .map((value) => (isInverted ? value ^ 0xffff : value))
      .flatMap((value) => [value >> 8, value & 0xff])
      .join("."),
  );
}

function parseGroups(text: string): number[] {
  return text.split(":").flatMap((group) => (group === "" ? [] : Number.parseInt(group, 16)));
}

/** True for a private host to which an endpoint outside must not redirect. */
export async function leadsInside(host: string, endpointHost: string): Promise<boolean> {
  return isPrivateHost(host) && !(await leadsToPrivate(endpointHost));
}

/** True where a host is private, or its name leads to a private address. */
async function leadsToPrivate(host: string): Promise<boolean> {
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
