export interface NetworkSpeed {
  readonly id: string;
  readonly label: string;
  readonly bitsPerSecond: number;
  /** Null for a speed as given. */
  readonly source: string | null;
  /** When the source said so. */
  readonly date: string | null;
}

/** What Lighthouse slows pages down to, in round figures: its code says 1.6 × 1024 kbps where this page says 1.6 Mbps. */
const LIGHTHOUSE = "https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md";
const LIGHTHOUSE_CONSTANTS =
  "https://github.com/GoogleChrome/lighthouse/blob/v12.0.0/core/config/constants.js";

/** Connections people know, slowest first. */
export const NETWORK_SPEEDS: readonly NetworkSpeed[] = [
  {
    id: "3g",
    label: "3G, the fastest that the Chrome UX report calls so",
    bitsPerSecond: 700_000,
    source: LIGHTHOUSE_CONSTANTS,
    date: "2024-04-22",
  },
  {
    id: "slow-4g",
    label: "4G, the slowest quarter",
    bitsPerSecond: 1_600_000,
    source: LIGHTHOUSE,
    date: "2023-04-18",
  },
  {
    id: "4g",
    label: "4G in a dense network, the slowest quarter",
    bitsPerSecond: 10_000_000,
    source: LIGHTHOUSE_CONSTANTS,
    date: "2024-04-22",
  },
  {
    id: "broadband",
    label: "broadband, as the FCC defines it",
    bitsPerSecond: 100_000_000,
    source: "https://www.benton.org/blog/how-fcc-got-10020",
    date: "2024-03-14",
  },
  {
    id: "5g",
    label: "5G, the world's median in 2021",
    bitsPerSecond: 166_000_000,
    source: "https://www.zdnet.com/article/speedtest-finds-global-5g-speeds-slowing-in-2021/",
    date: "2021-12",
  },
  {
    id: "gigabit",
    label: "gigabit, the FCC's long-term goal",
    bitsPerSecond: 1_000_000_000,
    source:
      "https://neowin.net/amp/25-mbps-is-not-enough-fcc-increases-broadband-speed-benchmark-after-nine-years",
    date: "2024-03",
  },
];

const UNITS: ReadonlyMap<string, number> = new Map([
  ["k", 1e3],
  ["m", 1e6],
  ["g", 1e9],
]);

/**
 * The connection of that name, or of that speed; null for anything else. A small b is bits, a large B bytes.
 * @example parseNetworkSpeed("50Mbps") //=> of 50000000 bits a second
 * @example parseNetworkSpeed("6.25 MB/s") //=> the same
 * @example parseNetworkSpeed("slow-4g") //=> of 1600000
 */
export function parseNetworkSpeed(text: string): NetworkSpeed | null {
  const known = NETWORK_SPEEDS.find(({ id }) => id === text.toLowerCase());
  if (known) return known;
  const [, number = "", unit = "", bit = ""] =
    /^(\d{1,9}(?:\.\d{1,6})?) ?([kKMmGg])(bps|b\/s|bit\/s|B\/s|Bps)$/.exec(text) ?? [];
  const bitsPerSecond = Number(number) * (UNITS.get(unit.toLowerCase()) ?? 0) * (bit.startsWith("B") ? 8 : 1);
  return bitsPerSecond > 0 ? { id: text, label: text, bitsPerSecond, source: null, date: null } : null;
}

/** How long a download takes at full speed; the connection of the server and everyone else is left out. */
export function estimateDownloadSeconds(bytes: number, bitsPerSecond: number): number {
  return (bytes * 8) / bitsPerSecond;
}
