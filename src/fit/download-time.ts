export interface Connection {
  readonly id: string;
  readonly label: string;
  readonly bitsPerSecond: number;
  readonly source: string;
}

const LIGHTHOUSE = "https://github.com/GoogleChrome/lighthouse/blob/main/core/config/constants.js";

/** Connections people know, slowest first. */
export const CONNECTIONS: readonly Connection[] = [
  { id: "3g", label: "3G", bitsPerSecond: 700_000, source: LIGHTHOUSE },
  { id: "slow-4g", label: "slow 4G", bitsPerSecond: 1_600_000, source: LIGHTHOUSE },
  { id: "4g", label: "4G", bitsPerSecond: 10_000_000, source: LIGHTHOUSE },
  {
    id: "broadband",
    label: "broadband, as the FCC defines it",
    bitsPerSecond: 100_000_000,
    source: "https://www.benton.org/blog/how-fcc-got-10020",
  },
  {
    id: "5g",
    label: "5G, the world's median in 2021",
    bitsPerSecond: 166_000_000,
    source: "https://www.zdnet.com/article/speedtest-finds-global-5g-speeds-slowing-in-2021/",
  },
  {
    id: "gigabit",
    label: "gigabit, the FCC's long-term goal",
    bitsPerSecond: 1_000_000_000,
    source:
      "https://neowin.net/amp/25-mbps-is-not-enough-fcc-increases-broadband-speed-benchmark-after-nine-years",
  },
];

const UNITS: ReadonlyMap<string, number> = new Map([
  ["k", 1e3],
  ["m", 1e6],
  ["g", 1e9],
]);

/**
 * The bits per second of a connection's name or of a speed; null for anything else. A small b is bits, a large B bytes.
 * parseSpeed("50Mbps") //=> 50000000
 * parseSpeed("6.25 MB/s") //=> 50000000
 * parseSpeed("slow-4g") //=> 1600000
 */
export function parseSpeed(text: string): number | null {
  const known = CONNECTIONS.find(({ id }) => id === text.toLowerCase());
  if (known) return known.bitsPerSecond;
  const [, number = "", unit = "", bit = ""] =
    /^(\d{1,9}(?:\.\d{1,6})?) ?([kKMmGg])(bps|b\/s|bit\/s|B\/s|Bps)$/.exec(text) ?? [];
  const bitsPerSecond = Number(number) * (UNITS.get(unit.toLowerCase()) ?? 0) * (bit.startsWith("B") ? 8 : 1);
  return bitsPerSecond > 0 ? bitsPerSecond : null;
}

/** How long a download takes at full speed; the connection of the server and everyone else is left out. */
export function estimateDownloadSeconds(bytes: number, bitsPerSecond: number): number {
  return (bytes * 8) / bitsPerSecond;
}
