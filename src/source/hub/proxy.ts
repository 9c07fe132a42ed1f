/** The proxies that the variables of curl name. Node.js reads these variables itself only from 22.21 on, and only with a flag. */
import { LlmSizeError } from "../../errors.ts";
import type { Environment } from "../settings.ts";

export interface HttpProxy {
  /** Without credentials. */
  readonly url: URL;
  /** The credentials, where it has some. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Return the proxy to an address; null where there is none. */
export type FindProxy = (address: URL) => HttpProxy | null;

/** Read the proxies for an endpoint and where it redirects. Throws USAGE for an invalid one. */
export function readProxies(env: Environment, endpoint: string): FindProxy {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || null;
  const readProxy = (name: string) => {
    const text = read(name);
    return text === null ? parseProxy("ALL_PROXY", read("ALL_PROXY")) : parseProxy(name, text);
  };
  const exceptions = read("NO_PROXY") ?? "";
  if (exceptions === "*") return () => null;
  const httpsProxy = readProxy("HTTPS_PROXY");
  // An https endpoint never redirects to http.
  const httpProxy = endpoint.startsWith("http:") ? readProxy("HTTP_PROXY") : null;
  return (address) => {
    if (isExcepted(address, exceptions)) return null;
    return address.protocol === "https:" ? (httpsProxy ?? httpProxy) : httpProxy;
  };
}

/** True for an address that `NO_PROXY` lists: `example.com` and `.example.com` with all hosts below it, or one port of them. */
function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  return exceptions.split(/[\s,]+/).some((exception) => {
    const [, host = exception, onlyPort = null] = /^(.+):(\d+)$/.exec(exception) ?? [];
    const domain = host.replace(/^\*?\./, "").toLowerCase();
    if (domain === "" || !`.${hostname}`.endsWith(`.${domain}`)) return false;
    return onlyPort === null || onlyPort === (port || (protocol === "https:" ? "443" : "80"));
  });
}

/** The message does not repeat the address, which may hold a password. */
function parseProxy(name: string, text: string | null): HttpProxy | null {
  if (text === null) return null;
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    if (!/^https?:$/.test(url.protocol)) throw new TypeError("a proxy of another kind");
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    [url.username, url.password] = ["", ""];
    if (login === ":") return { url, headers: {} };
    return { url, headers: { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` } };
  } catch {
    throw new LlmSizeError("USAGE", {
      message: `invalid ${name}: not the http or https URL of a proxy`,
      hint: `set it to a URL such as http://proxy.example:8080, or unset ${name}`,
    });
  }
}
