import { LlmSizeError } from "../../errors.ts";
import type { Environment } from "../settings.ts";
import type { Fetch } from "./fetch.ts";

/**
 * Return a fetch through the proxy in the variables that curl reads; null without one. Node reads these variables
 * itself only from 22.21 on, and only with a flag. Throws USAGE for an invalid proxy.
 */
export async function createProxiedFetch(env: Environment, endpoint: string): Promise<Fetch | null> {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const readProxy = (name: string) => {
    const named = read(name) === undefined ? "ALL_PROXY" : name;
    return parseProxy(named, read(named));
  };
  if (read("NO_PROXY") === "*") return null;
  const httpsProxy = readProxy("HTTPS_PROXY");
  // An https endpoint never redirects to http.
  const httpProxy = endpoint.startsWith("http:") ? readProxy("HTTP_PROXY") : undefined;
  if (httpsProxy === undefined && httpProxy === undefined) return null;
  // Loading undici takes 80 ms. In a bundle a CommonJS module has only a default export.
  const { EnvHttpProxyAgent, fetch: proxiedFetch } = (await import("undici")).default;
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(httpProxy !== undefined && { httpProxy }),
    noProxy: read("NO_PROXY") ?? "",
    proxyTunnel: false, // only for https, as curl does: many proxies open tunnels to port 443 alone
  });
  return (url, init) => proxiedFetch(url, { ...init, dispatcher }).catch(rethrow);
}

/** The message does not repeat the address, which may hold a password. */
function parseProxy(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (isProxy(address)) return address;
  throw new LlmSizeError("USAGE", {
    message: `invalid ${name}: not the http or https URL of a proxy`,
    hint: `set it to a URL such as http://proxy.example:8080, or unset ${name}`,
  });
}

function isProxy(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(username + password);
    return /^https?:$/.test(protocol);
  } catch {
    return false; // not a URL, or a stray "%"
  }
}

/** Name the status of a proxy that refuses: undici reports it only in prose. */
function rethrow(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const [, status] = /^Proxy .*\((\d{3})\)/.exec(cause.message) ?? [];
    if (status === undefined) continue;
    throw new TypeError("fetch failed", { cause: new Error(`the proxy answered ${status}`) });
  }
  throw error;
}
