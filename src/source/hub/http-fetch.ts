/**
 * A small fetch on node:http. Node's own takes a tenth of a second to load, which is longer than a cached run should
 * take.
 */
import type Http from "node:http";
import type Https from "node:https";
import { getBuiltinModule } from "node:process";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Fetch, FetchBody } from "./fetch.ts";

/**
 * Return a fetch with its own connections, which does not lead from a public endpoint to a private address. As the real
 * one, it throws a TypeError whose cause is the reason.
 */
export function createFetch(endpoint: string): Fetch {
  const { hostname } = new URL(endpoint);
  // Reuse connections; idle ones do not keep the program running.
  const withAgent = async ({ Agent, request }: typeof Http | typeof Https) => {
    const { guardLookup } = await import("./private-address.ts");
    return {
      request,
      agent: new Agent({ keepAlive: true, scheduling: "lifo", lookup: guardLookup(hostname) }),
    };
  };
  const connect = {
    "http:": once(() => withAgent(getBuiltinModule("node:http"))),
    "https:": once(() => withAgent(getBuiltinModule("node:https"))),
  };
  return async (address, { headers, signal }) => {
    const url = new URL(address);
    const { request, agent } = await connect[url.protocol === "https:" ? "https:" : "http:"]();
    // A range of a compressed file would be different bytes.
    const encoding = { "accept-encoding": "range" in headers ? "identity" : "gzip" };
    const message = await new Promise<Http.IncomingMessage>((resolve, reject) => {
      request(url, { agent, signal, headers: { ...encoding, ...headers } }, resolve)
        .on("error", reject)
        // An answer 101 ends with a connection for another protocol and without a response.
        .on("upgrade", (answer, socket) => void (socket.destroy(), resolve(answer)))
        .on("close", () => reject(new Error("the connection was closed")))
        .end();
    }).catch(fail);
    return {
      status: message.statusCode ?? 0,
      headers: { get: (name) => [message.headers[name.toLowerCase()]].flat().join(", ") || null },
      body: readBody(message),
    };
  };
}

function readBody(message: Http.IncomingMessage): FetchBody {
  const stream = decode(message);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of stream) yield chunk as Uint8Array;
      } catch (error) {
        fail(error);
      }
    },
    cancel: async () => void message.destroy(),
  };
}

function decode(message: Http.IncomingMessage): Readable {
  if (message.headers["content-encoding"] !== "gzip") return message;
  return pipeline(message, createGunzip(), () => {}); // the reading loop throws its errors
}

function fail(error: unknown): never {
  throw new TypeError("fetch failed", { cause: error });
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => (made ??= make());
}
