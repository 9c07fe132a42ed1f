import { LlmSizeError } from "../../errors.ts";
import type { Environment } from "../settings.ts";
import type { Fetch } from "./http-fetch.ts";

/**
 * A fetch through the proxy that the environment names, in the variables that curl reads; null where it names none.
 * Node looks at them only when told to, and from 22.21 on. Throws USAGE for what is no proxy.
 */
export async function createProxiedFetch(env: Environment, endpoint: string): Promise<Fetch | null> {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const readProxy = (name: string) => {
    const named = read(name) === undefined ? "ALL_PROXY" : name;
    return parseProxy(named, read(named));
  };
  if (read("NO_PROXY") === "*") return null;
  const httpsProxy = readProxy("HTTPS_PROXY");
  // From an encrypted endpoint nothing leads to one that is not.
  const httpProxy = endpoint.startsWith("http:") ? readProxy("HTTP_PROXY") : undefined;
  if (httpsProxy === undefined && httpProxy === undefined) return null;
  // 80 ms that only a proxy is worth. In a bundle the names of a CommonJS module are those of its default alone.
  const { EnvHttpProxyAgent, fetch: proxiedFetch } = (await import("undici")).default;
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(httpProxy !== undefined && { httpProxy }),
    noProxy: read("NO_PROXY") ?? "",
    proxyTunnel: false, // only for https, as curl does: many proxies open tunnels to port 443 alone
  });
  return (url, init) => proxiedFetch(url, { ...init, dispatcher }).catch(explain);
}

/** A password in it is not repeated. */
function parseProxy(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (isProxy(address)) return address;
  throw new LlmSizeError("USAGE", {
    message: `${name} is not the http or https URL of a proxy`,
    hint: `write it as http://proxy.example:8080, or unset ${name}`,
  });
}

function isProxy(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(username + password);
    return /^https?:$/.test(protocol);
  } catch {
    return false; // no URL, or a "%" that escapes nothing
  }
}

/** undici says of a proxy that refuses no more than that the request was aborted, except in prose. */
function explain(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const [, status] = /^Proxy .*\((\d{3})\)/.exec(cause.message) ?? [];
    if (status === undefined) continue;
    throw new TypeError("fetch failed", { cause: new Error(`the proxy answered ${status}`) });
  }
  throw error;
}
