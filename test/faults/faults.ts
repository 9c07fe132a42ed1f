/** What can go wrong, and where: the rows and the columns of the matrix. */
import type { Fault } from "../hub/faults.ts";
import type { StandInHub } from "../hub/hub.ts";
import type { LoggedRequest } from "../hub/request.ts";

/** The steps of a measurement, in order, and the requests each is made of. */
export const STAGES = {
  info: ({ stage }) => stage === "info",
  listing: ({ stage }) => stage === "tree",
  config: ({ stage }) => stage === "config",
  header: (request) => isWeights(request) && isFirst(request),
  "second range": (request) => isWeights(request) && !isFirst(request),
} as const satisfies Record<string, (request: LoggedRequest) => boolean>;
export type Stage = keyof typeof STAGES;
export const STAGE_NAMES = Object.keys(STAGES) as Stage[];

/** Where a redirect leads that should not. */
const ELSEWHERE = "/elsewhere";

function isWeights({ stage, path }: LoggedRequest): boolean {
  return stage === "cdn" && path !== ELSEWHERE;
}

function isFirst({ range }: LoggedRequest): boolean {
  return range?.startsWith("bytes=0-") ?? true;
}

const API = ["info", "listing"] as const;
const WEIGHTS = ["header", "second range"] as const;
const EVERYWHERE = STAGE_NAMES;

export interface FaultRow {
  readonly fault: (at: { readonly hub: StandInHub; readonly stage: Stage }) => Fault;
  /** Where it means anything; everywhere when left out. */
  readonly stages?: readonly Stage[];
  /** Where one time must cost no more than time. */
  readonly passes: readonly Stage[];
}

const status = (code: number, passes: readonly Stage[]): FaultRow => ({
  fault: () => ({ fault: "status", status: code }),
  passes,
});

/** An answer in about ten pieces; in all slower than a silent one may be. */
const DRIP_BYTES = { info: 25, listing: 45, config: 17, header: 10_000, "second range": 2000 } as const;

export const FAULTS = {
  "status 403": status(403, WEIGHTS),
  "status 404": status(404, []),
  "status 408": status(408, EVERYWHERE),
  "status 425": status(425, EVERYWHERE),
  "status 500": status(500, EVERYWHERE),
  "status 502": status(502, EVERYWHERE),
  "status 503": status(503, EVERYWHERE),
  "status 504": status(504, EVERYWHERE),
  "rate limit, 1 s": { fault: () => ({ fault: "rate-limit", resetSeconds: 1 }), passes: EVERYWHERE },
  "rate limit, 295 s": { fault: () => ({ fault: "rate-limit", resetSeconds: 295 }), passes: [] },
  "Retry-After, 1 s": {
    fault: () => ({ fault: "rate-limit", resetSeconds: 295, retryAfterSeconds: 1 }),
    passes: EVERYWHERE,
  },
  reset: { fault: () => ({ fault: "reset" }), passes: EVERYWHERE },
  stall: { fault: () => ({ fault: "stall" }), passes: EVERYWHERE },
  drip: {
    fault: ({ stage }) => ({ fault: "drip", chunkBytes: DRIP_BYTES[stage], pauseMs: 100 }),
    passes: EVERYWHERE,
  },
  truncate: { fault: () => ({ fault: "truncate" }), passes: EVERYWHERE },
  "short body": { fault: () => ({ fault: "short-body", keepBytes: 20 }), passes: EVERYWHERE },
  html: { fault: () => ({ fault: "html" }), passes: EVERYWHERE },
  // Garbage of the right length cannot be told from a file that is malformed.
  garbage: { fault: () => ({ fault: "garbage" }), passes: API },
  "error with 200": { fault: () => ({ fault: "error-with-200" }), passes: EVERYWHERE },
  "JSON of another shape": { fault: () => ({ fault: "json", body: [{ path: 7, size: -1 }] }), passes: [] },
  gzip: { fault: () => ({ fault: "gzip" }), passes: EVERYWHERE },
  "LFS pointer": { fault: () => ({ fault: "lfs-pointer" }), passes: ["header"] },
  "range ignored": { fault: () => ({ fault: "ignore-range" }), passes: [] },
  "range of other bytes": {
    fault: () => ({ fault: "wrong-content-range", contentRange: "bytes 5-9/10" }),
    passes: EVERYWHERE,
  },
  "redirect in a circle": { fault: () => ({ fault: "redirect-loop" }), passes: EVERYWHERE },
  "redirect to a stranger": {
    fault: ({ hub }) => ({ fault: "redirect", location: `${hub.cdnOrigin}${ELSEWHERE}` }),
    passes: EVERYWHERE,
  },
  "redirect to nobody": {
    fault: () => ({ fault: "redirect", location: `http://127.0.0.1:9${ELSEWHERE}` }),
    passes: EVERYWHERE,
  },
  "next page of a stranger": {
    fault: ({ hub }) => ({ fault: "foreign-link", origin: hub.cdnOrigin }),
    stages: ["listing"],
    passes: [],
  },
} as const satisfies Record<string, FaultRow>;
export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
