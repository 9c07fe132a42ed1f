import { parseQuantity } from "../contract/quantities.ts";
import type { MemoryReport } from "../contract/types.ts";

export type NetworkSpeed = Readonly<MemoryReport["connections"][number]>;

/** The throttling of Lighthouse, in round figures: 1.6 Mbps on this page is 1.6 × 1024 kbps in its code. */
const LIGHTHOUSE = "https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md";
const LIGHTHOUSE_CONSTANTS =
  "https://github.com/GoogleChrome/lighthouse/blob/v12.0.0/core/config/constants.js";

/** Speeds people know, slowest first. */
export const NETWORK_SPEEDS: readonly NetworkSpeed[] = [
  {
    id: "3g",
    label: "3G, the fastest that the Chrome UX report counts as 3G",
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

/**
 * Parse a speed or the name of one. A small b is bits, a capital B bytes. Throws USAGE.
 * @example parseNetworkSpeed("50Mbps") //=> 50000000 bits per second
 * @example parseNetworkSpeed("6.25 MB/s") //=> the same
 * @example parseNetworkSpeed("slow-4g") //=> 1600000
 */
export function parseNetworkSpeed(text: string): NetworkSpeed {
  const known = NETWORK_SPEEDS.find(({ id }) => id === text.toLowerCase());
  if (known) return known;
  const bitsPerSecond = parseQuantity(text, "bitsPerSecond");
  return { id: text, label: text, bitsPerSecond, source: null, date: null };
}

/** Compute the seconds of a download at full speed, without the limits of the server and of other users. */
export function estimateDownloadSeconds(bytes: number, bitsPerSecond: number): number {
  return (bytes * 8) / bitsPerSecond;
}
