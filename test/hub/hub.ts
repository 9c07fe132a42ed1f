import { randomBytes } from "node:crypto";
import { type IncomingMessage, type ServerResponse, Server, createServer } from "node:http";
import { type Server as TlsServer, createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, answerUnchanged } from "./answer.ts";
import { createCdn } from "./cdn.ts";
import { answerPreflight, CDN_CORS, hubCors } from "./cors.ts";
import { denyRate } from "./denials.ts";
import { type FaultRule, createFaults } from "./faults.ts";
import { type Bucket, bucketOf, createRateLimit } from "./rate-limit.ts";
import { type Repository, createShelf } from "./repository.ts";
import { type HubRequest, type LoggedRequest, identify, stageOf } from "./request.ts";
import { answerHub } from "./routes.ts";
import { sendAnswer } from "./send.ts";

/** How a stand-in begins. */
export interface HubOptions {
  readonly repositories?: readonly Repository[];
  /** Added before every answer, of both origins. */
  readonly latencyMs?: number;
  /** Requests allowed per bucket and caller, in place of the Hub's own quotas. */
  readonly quotas?: Partial<Record<Bucket, number>>;
  /** How long the window of its quotas is, in place of five minutes. */
  readonly windowSeconds?: number;
  /** How long a CDN address is good; negative for one that has expired. */
  readonly signedUrlSeconds?: number;
  /** Both origins over https. */
  readonly tls?: Certificate;
  /** Answers below this path only (`/hf`), and writes no address with it: a mirror that passes on what the Hub says. */
  readonly pathPrefix?: string;
  /** Parts of the API that older mirrors do not know. */
  readonly lacks?: readonly ("blobs" | "resolve-cache")[];
  /** The origin of the addresses that it writes; that of the request when left out. */
  readonly knownAs?: string;
}

/** In PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A Hub on this machine: real HTTP, two origins. */
export interface StandInHub {
  readonly endpoint: string;
  readonly cdnOrigin: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  addRepository(repository: Repository): void;
  fail(rule: FaultRule): void;
  clearFaults(): void;
  clearLog(): void;
  close(): Promise<void>;
}

/** Starts a stand-in for the Hub and its CDN. Tokens: `hf_valid`, `hf_noaccess`, `hf_expired`; any other is bad. */
export async function startHub(options: HubOptions = {}): Promise<StandInHub> {
  const shelf = createShelf();
  for (const repository of options.repositories ?? []) shelf.add(repository);
  const faults = createFaults();
  const countRequest = createRateLimit(options.quotas ?? {}, options.windowSeconds);
  const requests: LoggedRequest[] = [];
  const { pathPrefix = "", tls } = options;
  const [hubServer, cdnServer] = await Promise.all([listen(tls), listen(tls)]);
  const cdn = createCdn(originOf(cdnServer), options.signedUrlSeconds ?? 3600);

  hubServer.on("request", (incoming: IncomingMessage, response: ServerResponse) =>
    serve("hub", incoming, response, (request) => {
      const rate = countRequest(bucketOf(request.url.pathname), request.headers.authorization);
      const answer = rate.exhausted
        ? denyRate(request, {})
        : (answerPreflight(request) ?? answerHub(forget(request, options.lacks ?? []), shelf, cdn.signUrl));
      return { answer, always: { ...rate.headers, ...hubHeaders(request) } };
    }),
  );
  cdnServer.on("request", (incoming: IncomingMessage, response: ServerResponse) =>
    serve("cdn", incoming, response, (request) => ({ answer: cdn.answer(request), always: CDN_CORS })),
  );

  async function serve(
    origin: "hub" | "cdn",
    incoming: IncomingMessage,
    response: ServerResponse,
    answerTo: (request: HubRequest) => { answer: Answer; always: Record<string, string> },
  ): Promise<void> {
    const address = addressOf(origin, incoming);
    const request = address === null ? null : await readRequest(incoming, address);
    if (request === null) return void response.writeHead(400).end();
    const logged = logRequest(origin, request);
    requests.push(logged);
    if (options.latencyMs) await sleep(options.latencyMs);
    const { answer, always } = answerTo(request);
    logged.file = answer.file?.path ?? null;
    const delivery = faults.befall(request, logged, answer);
    const dressed = { ...delivery.answer, headers: { ...always, ...delivery.answer.headers } };
    const fresh = answerUnchanged(dressed, request.headers["if-none-match"]);
    await sendAnswer(response, { ...delivery, answer: fresh }, logged);
  }

  /** The address that was asked for, as the origin understands it; null below a path that it does not serve. */
  function addressOf(origin: "hub" | "cdn", { url = "/", headers }: IncomingMessage): string | null {
    const asked = `${tls ? "https" : "http"}://${headers.host}`;
    if (origin === "cdn") return asked + url;
    if (!url.startsWith(`${pathPrefix}/`)) return null;
    return (options.knownAs ?? asked) + url.slice(pathPrefix.length);
  }

  return {
    endpoint: originOf(hubServer) + pathPrefix,
    cdnOrigin: originOf(cdnServer),
    requests,
    addRepository: shelf.add,
    fail: faults.add,
    clearFaults: faults.clear,
    clearLog: () => void requests.splice(0),
    close: async () => void (await Promise.all([stop(hubServer), stop(cdnServer)])),
  };
}

/** A request as a mirror understands it that lacks these parts: its own redirects still lead to what it has. */
function forget(request: HubRequest, lacks: NonNullable<HubOptions["lacks"]>): HubRequest {
  if (lacks.includes("blobs")) request.url.searchParams.delete("blobs");
  const isUnknown =
    lacks.includes("resolve-cache") && request.segments[1] === "resolve-cache" && request.url.search === "";
  return isUnknown ? { ...request, segments: ["nothing"] } : request;
}

async function readRequest(incoming: IncomingMessage, address: string): Promise<HubRequest | null> {
  const { method = "GET", headers } = incoming;
  const parts: Buffer[] = [];
  try {
    if (method === "POST") for await (const part of incoming) parts.push(part as Buffer);
    const absolute = new URL(address);
    return {
      method,
      url: absolute,
      segments: absolute.pathname.split("/").slice(1).map(decodeURIComponent),
      headers,
      body: Buffer.concat(parts).toString(),
      identity: identify(headers.authorization),
    };
  } catch {
    // A path that is not one, or a client that left.
    return null;
  }
}

function logRequest(origin: "hub" | "cdn", { method, url, segments, headers }: HubRequest): LoggedRequest {
  return {
    origin,
    stage: stageOf(origin, segments),
    file: null,
    method,
    path: url.pathname,
    url: url.href,
    range: headers.range ?? null,
    authorization: headers.authorization ?? null,
    userAgent: headers["user-agent"] ?? null,
    status: null,
    bytesSent: 0,
  };
}

const UNAUTHENTICATED =
  "unauthenticated; Warning: You are sending unauthenticated requests to the HF Hub. Please set a HF_TOKEN to enable higher rate limits and faster downloads.";

function hubHeaders(request: HubRequest): Record<string, string> {
  const id = randomBytes(16).toString("hex");
  return {
    "X-Powered-By": "huggingface-moon",
    "X-Request-Id": `Root=1-${id.slice(0, 8)}-${id.slice(8)}`,
    ...hubCors(request),
    ...(request.identity === "anonymous" && { "X-HF-Warning": UNAUTHENTICATED }),
  };
}

function listen(tls: Certificate | undefined): Promise<Server | TlsServer> {
  const server = tls ? createTlsServer(tls) : createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
  });
}

function originOf(server: Server | TlsServer): string {
  const scheme = server instanceof Server ? "http" : "https";
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
