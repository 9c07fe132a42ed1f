/** How requests reach a host: directly, or through a proxy. */
import type Http from "node:http";
import type Https from "node:https";
import { isIP } from "node:net";
import { getBuiltinModule } from "node:process";
import type { Duplex } from "node:stream";
import type { FetchInit } from "./fetch.ts";
import type { HttpProxy } from "./proxy.ts";

/** Make a request, which is not sent yet. */
export type Route = (url: URL, init: Pick<FetchInit, "headers" | "signal">) => Http.ClientRequest;

/** Reuse connections; idle ones do not keep the program running. */
const REUSE = { keepAlive: true, scheduling: "lifo" } as const;

const loadModule = (protocol: string): typeof Http | typeof Https =>
  protocol === "https:" ? getBuiltinModule("node:https") : getBuiltinModule("node:http");

/** Connect to hosts, but not from a public endpoint to a private address. */
export async function connectDirectly(protocol: string, endpointHost: string): Promise<Route> {
  const { guardLookup } = await import("./private-address.ts");
  const { Agent, request } = loadModule(protocol);
  const agent = new Agent({ ...REUSE, lookup: guardLookup(endpointHost) });
  return (url, init) => request(url, { ...init, agent });
}

export function connectThrough(proxy: HttpProxy, protocol: string): Route {
  return protocol === "https:" ? connectByTunnel(proxy) : connectByRelay(proxy);
}

/** Let a proxy request an address of http, as curl does: many open tunnels to port 443 alone. */
function connectByRelay(proxy: HttpProxy): Route {
  const { Agent, request } = loadModule(proxy.url.protocol);
  const agent = new Agent({ ...REUSE, servername: nameOf(proxy.url) });
  return ({ origin, pathname, search, host }, { headers, signal }) =>
    request(proxy.url, {
      agent,
      signal,
      path: origin + pathname + search,
      headers: { ...proxy.headers, host, ...headers },
    });
}

interface TunnelOptions extends Https.RequestOptions {
  /** The signal of the request: node keeps `signal` itself from an agent. */
  readonly tunnelSignal?: AbortSignal;
  readonly socket?: Duplex;
}

/** Encrypt to a host through a tunnel of a proxy, as node's own agents do only from 22.21 on. */
function connectByTunnel(proxy: HttpProxy): Route {
  const { Agent, request } = getBuiltinModule("node:https");
  const agent = new Agent(REUSE);
  const encrypt = agent.createConnection.bind(agent);
  agent.createConnection = (
    { tunnelSignal: signal, ...options }: TunnelOptions,
    done: (error: Error | null, socket?: Duplex | null) => void,
  ) => {
    const host = options.host?.includes(":") ? `[${options.host}]` : options.host;
    openTunnel(proxy, { authority: `${host}:${options.port}`, signal })
      .then((socket): TunnelOptions => ({ ...options, socket }))
      .then((inside) => done(null, encrypt(inside)))
      .catch(done);
    return null;
  };
  return (url, init) => {
    const options: TunnelOptions = { ...init, agent, tunnelSignal: init.signal };
    return request(url, options);
  };
}

interface Tunnel {
  /** A host and a port. */
  readonly authority: string;
  readonly signal: AbortSignal | undefined;
}

/** Ask a proxy for a tunnel (RFC 9110 §9.3.6). An answer of the proxy itself is an error, never one of the host. */
function openTunnel({ url, headers }: HttpProxy, { authority, signal }: Tunnel): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    loadModule(url.protocol)
      .request(url, {
        method: "CONNECT",
        path: authority,
        headers: { ...headers, host: authority, "proxy-connection": "keep-alive" },
        servername: nameOf(url),
        agent: false,
        signal,
      })
      .on("connect", ({ statusCode }, socket, head) => {
        socket.unshift(head); // a sign-in page, which fails as TLS
        if (statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new Error(`the proxy answered ${statusCode}`));
      })
      .on("error", reject)
      .end();
  });
}

/** Return the name that the certificate of a proxy must have; node would take the name in the `host` header. */
function nameOf({ hostname }: URL): string {
  return isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? hostname : "";
}
