/**
 * A small fetch on node:http. Node's own takes a tenth of a second to load, which is longer than a cached run should
 * take.
 */
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Fetch, FetchBody } from "./fetch.ts";
import type { FindProxy, HttpProxy } from "./proxy.ts";
import { connectDirectly, connectThrough, type Route } from "./route.ts";

/**
 * Return a fetch with its own connections, which does not lead from a public endpoint to a private address unless a proxy
 * takes it there. As the real one, it throws a TypeError whose cause is the reason.
 */
export function createFetch(endpoint: string, findProxy: FindProxy = () => null): Fetch {
  const { hostname } = new URL(endpoint);
  const routes = new Map<string, Route | Promise<Route>>();
  const findRoute = ({ protocol }: URL, proxy: HttpProxy | null) => {
    const key = `${protocol} ${proxy?.url.href}`;
    const route =
      routes.get(key) ?? (proxy ? connectThrough(proxy, protocol) : connectDirectly(protocol, hostname));
    routes.set(key, route);
    return route;
  };
  return async (address, { headers, signal }) => {
    const url = new URL(address);
    const proxy = findProxy(url);
    const request = await findRoute(url, proxy);
    // A range of a compressed file would be different bytes.
    const encoding = { "accept-encoding": "range" in headers ? "identity" : "gzip" };
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { signal, headers: { ...encoding, ...headers } })
        .on("response", resolve)
        .on("error", reject)
        // An answer 101 ends with a connection for another protocol and without a response.
        .on("upgrade", (answer, socket) => void (socket.destroy(), resolve(answer)))
        .on("close", () => reject(new Error("the connection was closed")))
        .end();
    }).catch(fail);
    if (message.statusCode === 407 && proxy) {
      message.destroy();
      fail(new Error("the proxy answered 407"));
    }
    return {
      status: message.statusCode ?? 0,
      headers: { get: (name) => [message.headers[name.toLowerCase()]].flat().join(", ") || null },
      body: readBody(message),
    };
  };
}

function readBody(message: IncomingMessage): FetchBody {
  const stream = decode(message);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of stream) yield chunk as Uint8Array<ArrayBuffer>;
      } catch (error) {
        fail(error);
      }
    },
    cancel: async () => void message.destroy(),
  };
}

function decode(message: IncomingMessage): Readable {
  if (message.headers["content-encoding"] !== "gzip") return message;
  return pipeline(message, createGunzip(), () => {}); // the reading loop throws its errors
}

function fail(error: unknown): never {
  throw new TypeError("fetch failed", { cause: error });
}
