import { LlmSizeError } from "../../errors.ts";
import type { Environment } from "../settings.ts";
import type { Fetch } from "./http-fetch.ts";

/**
 * A fetch through the proxy that the environment names, in the variables that curl reads; null where it names none.
 * Node looks at them only when told to, and from 22.21 on. Throws USAGE for what is no proxy.
 */
export async function createProxiedFetch(env: Environment): Promise<Fetch | null> {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const all = read("ALL_PROXY");
  const httpsProxy = parseProxy("HTTPS_PROXY", read("HTTPS_PROXY") ?? all);
  const httpProxy = parseProxy("HTTP_PROXY", read("HTTP_PROXY") ?? all);
  if (httpsProxy === undefined && httpProxy === undefined) return null;
  // 80 ms that only a proxy is worth.
  const { EnvHttpProxyAgent, fetch: proxiedFetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(httpProxy !== undefined && { httpProxy }),
    noProxy: read("NO_PROXY") ?? "",
  });
  return (url, init) => proxiedFetch(url, { ...init, dispatcher });
}

/** A password in it is not repeated. */
function parseProxy(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new LlmSizeError("USAGE", {
    message: `${name} is not the http or https URL of a proxy`,
    hint: `write it as http://proxy.example:8080, or unset ${name}`,
  });
}
