import type { IncomingHttpHeaders } from "node:http";

/** The part of a request the answers depend on. */
export interface HubRequest {
  readonly method: string;
  /** Absolute: its origin is the Host header's. */
  readonly url: URL;
  /** The path in pieces, each percent-decoded: `refs%2Fpr%2F1` is one piece. */
  readonly segments: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly identity: Identity;
}

/** Who asks. `approved` may read everything, `unapproved` is a valid token without access to anything closed. */
export type Identity = "anonymous" | "approved" | "unapproved" | "invalid" | "expired";

const IDENTITIES = new Map<string, Identity>([
  ["Bearer hf_valid", "approved"],
  ["Bearer hf_noaccess", "unapproved"],
  ["Bearer hf_expired", "expired"],
]);

export function identify(authorization: string | undefined): Identity {
  if (authorization === undefined) return "anonymous";
  return IDENTITIES.get(authorization) ?? "invalid";
}

/** What a request is for, so that a test can break or count one kind. `header` is a weight file asked of the Hub, `cdn` any byte of an LFS file. */
export const STAGES = [
  "info",
  "tree",
  "paths-info",
  "refs",
  "auth-check",
  "search",
  "whoami",
  "config",
  "index",
  "header",
  "file",
  "cdn",
  "other",
] as const;
export type Stage = (typeof STAGES)[number];

/** One line of the log. `status` is null while nothing has been answered; `bytesSent` counts body bytes. */
export interface LoggedRequest {
  readonly origin: "hub" | "cdn";
  readonly stage: Stage;
  /** The repository path of the file that was answered about, where it is one that exists. */
  file: string | null;
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly range: string | null;
  readonly authorization: string | null;
  readonly userAgent: string | null;
  status: number | null;
  bytesSent: number;
}

const API_STAGES = new Map<string | undefined, Stage>([
  ["tree", "tree"],
  ["paths-info", "paths-info"],
  ["refs", "refs"],
  ["auth-check", "auth-check"],
]);

export function stageOf(origin: "hub" | "cdn", segments: readonly string[]): Stage {
  if (origin === "cdn") return "cdn";
  const [first, second, ...rest] = segments;
  if (first !== "api") return isFileRoute(segments) ? fileStage(segments) : "other";
  if (second === "resolve-cache") return fileStage(segments);
  if (second === "whoami-v2") return "whoami";
  if (second !== "models") return "other";
  if (rest.length === 0) return "search";
  return API_STAGES.get(rest[idLength(rest)]) ?? "info";
}

function fileStage(segments: readonly string[]): Stage {
  const name = segments.at(-1) ?? "";
  if (name === "config.json") return "config";
  if (name.endsWith(".index.json")) return "index";
  return /\.(safetensors|gguf|bin|pt|pth|onnx)$/.test(name) ? "header" : "file";
}

/** Is this `/{id}/resolve/…` or `/{id}/raw/…`? */
export function isFileRoute(segments: readonly string[]): boolean {
  return ["resolve", "raw"].includes(segments[idLength(segments)] ?? "");
}

const AFTER_ID = /^(?:resolve|raw|revision|tree|paths-info|refs|auth-check|[0-9a-f]{40})$/;

/** A model's id is one piece (`gpt2`) or two (`openai-community/gpt2`) at the front of `segments`. */
export function idLength(segments: readonly string[]): 1 | 2 {
  const second = segments[1];
  return second === undefined || AFTER_ID.test(second) ? 1 : 2;
}
