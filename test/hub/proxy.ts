import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, type Socket, connect } from "node:net";
import { pipeline } from "node:stream";
import type { Certificate } from "./hub.ts";

/** What a proxy was asked for: one answer of a host, or a tunnel to it. */
export interface Passage {
  readonly kind: "request" | "tunnel";
  readonly host: string;
}

/** A forward proxy on this machine: real HTTP. */
export interface StandInProxy {
  /** Without credentials. */
  readonly host: string;
  /** All that it let pass, in order. */
  readonly passages: readonly Passage[];
  /** How often it asked for credentials. */
  readonly refusals: number;
  clearLog(): void;
  close(): Promise<void>;
}

/** Starts a proxy; with `credentials` (`name:password`) it serves nobody else, with a certificate nobody in the clear. */
export async function startProxy(credentials?: string, tls?: Certificate): Promise<StandInProxy> {
  const passages: Passage[] = [];
  let refusals = 0;
  const sockets = new Set<Socket>();
  const server = tls ? createTlsServer(tls) : createServer();
  server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
    if (isRefused(incoming)) return void response.writeHead(407, CHALLENGE).end();
    const { host } = new URL(incoming.url ?? "");
    passages.push({ kind: "request", host });
    forward(incoming, response);
  });
  server.on("connect", (incoming: IncomingMessage, client: Socket) => {
    client.on("error", () => {}); // a client may hang up
    if (isRefused(incoming)) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const host = incoming.url ?? "";
    passages.push({ kind: "tunnel", host });
    tunnel(host, client);
  });
  server.on(tls ? "secureConnection" : "connection", (socket: Socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  function isRefused({ headers }: IncomingMessage): boolean {
    if (credentials === undefined || headers["proxy-authorization"] === `Basic ${btoa(credentials)}`)
      return false;
    refusals++;
    return true;
  }

  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    passages,
    get refusals() {
      return refusals;
    },
    clearLog() {
      passages.splice(0);
      refusals = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy(); // tunnels, which the server no longer counts as its own
      }),
  };
}

const CHALLENGE = { "Proxy-Authenticate": 'Basic realm="stand-in"' };

/** Passes one request on, without what was meant for the proxy. */
function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const { "proxy-authorization": _, "proxy-connection": __, ...headers } = incoming.headers;
  const onward = request(incoming.url ?? "", { method: incoming.method, headers }, (answer) => {
    if (response.destroyed) return void answer.destroy(); // the client has left
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => {}); // which also passes on that an answer was cut short
  });
  onward.on("error", () => response.destroy());
  incoming.pipe(onward);
}

function tunnel(host: string, client: Socket): void {
  const { hostname, port } = new URL(`http://${host}`);
  const onward = connect(Number(port || 80), hostname, () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    onward.pipe(client).pipe(onward);
  });
  onward.on("error", () => client.destroy());
  client.on("close", () => onward.destroy());
}
