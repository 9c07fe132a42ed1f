import { LlmSizeError } from "../../errors.ts";
import type { Environment } from "../settings.ts";
import type { Fetch } from "./hub.ts";

/**
 * The fetch to use where the environment names a proxy, in the variables that curl reads. Node's own looks at them
 * only when told to, and from 22.21 on. NO_PROXY is honored; NODE_EXTRA_CA_CERTS works by itself. Throws USAGE.
 */
export async function throughProxy(fetch: Fetch, env: Environment): Promise<Fetch> {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const all = read("ALL_PROXY");
  const httpsProxy = parseProxy("HTTPS_PROXY", read("HTTPS_PROXY") ?? all);
  const httpProxy = parseProxy("HTTP_PROXY", read("HTTP_PROXY") ?? all);
  if (httpsProxy === undefined && httpProxy === undefined) return fetch;
  // 80 ms that only a proxy is worth. Its fetch and its agents are of one version, whatever node brings.
  const { EnvHttpProxyAgent, fetch: proxiedFetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(httpProxy !== undefined && { httpProxy }),
    noProxy: read("NO_PROXY") ?? "",
  });
  return ((input: string, init: object) => proxiedFetch(input, { ...init, dispatcher })) as unknown as Fetch;
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
