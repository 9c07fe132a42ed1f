/** Settings from flags and from the environment variables that Hugging Face tools share. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cleanToken, DEFAULT_SETTINGS, parseEndpoint, type Settings } from "./hub/settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the program runs. */
export interface System {
  readonly env: Environment;
  /** The working directory; relative paths start here. */
  readonly cwd: string;
  /** The user's home folder; null for a user without one, as in a container. */
  readonly home: string | null;
}

export interface SettingsFlags {
  /** Used instead of the token of the environment. */
  readonly token?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
}

/** Read all settings; flags win over the environment. Throws USAGE for an invalid endpoint. */
export async function readSettings(system: System, flags: SettingsFlags = {}): Promise<Settings> {
  const { env } = system;
  return {
    endpoint: parseEndpoint(flags.endpoint ?? (env["HF_ENDPOINT"]?.trim() || DEFAULT_SETTINGS.endpoint)),
    registry: parseEndpoint(
      flags.endpoint ?? (env["LLM_SIZE_OLLAMA_ENDPOINT"]?.trim() || DEFAULT_SETTINGS.registry),
    ),
    token: cleanToken(flags.token) ?? (await readToken(system)),
    offline: flags.offline ?? (isSet(env["HF_HUB_OFFLINE"]) || isSet(env["TRANSFORMERS_OFFLINE"])),
    idleTimeoutMs: parseIdleTimeout(env["HF_HUB_DOWNLOAD_TIMEOUT"] ?? env["HF_HUB_ETAG_TIMEOUT"]),
    timeoutMs: flags.timeoutMs ?? DEFAULT_SETTINGS.timeoutMs,
    retries: flags.retries ?? DEFAULT_SETTINGS.retries,
  };
}

/** True for a boolean variable that is set, by huggingface_hub's rules. */
export function isSet(value: string | undefined): boolean {
  return /^(?:1|on|yes|true)$/i.test(value?.trim() ?? "");
}

function parseIdleTimeout(value: string | undefined): number {
  const seconds = Number(value?.trim() || Number.NaN);
  return seconds > 0 && seconds <= 3600 ? 1000 * seconds : DEFAULT_SETTINGS.idleTimeoutMs;
}

/** Read the token from the environment, else from the file that `hf auth login` writes; null without one. */
async function readToken(system: System): Promise<string | null> {
  const { env } = system;
  const given = cleanToken(env["HF_TOKEN"]) ?? cleanToken(env["HUGGING_FACE_HUB_TOKEN"]);
  if (given !== null) return given;
  if (isSet(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return null;
  const path = env["HF_TOKEN_PATH"]
    ? expandPath(env["HF_TOKEN_PATH"], system)
    : join(findHfHome(system), "token");
  try {
    return cleanToken(await readFile(path, "utf8"));
  } catch {
    return null; // missing, or not readable by this user
  }
}

/** Return the folder where the Hub's own tools keep downloads. */
export function findHubCacheFolder(system: System): string {
  const own = system.env["HF_HUB_CACHE"] || system.env["HUGGINGFACE_HUB_CACHE"];
  return own ? expandPath(own, system) : join(findHfHome(system), "hub");
}

function findHfHome(system: System): string {
  const { HF_HOME: own, XDG_CACHE_HOME: shared } = system.env;
  return own ? expandPath(own, system) : join(expandPath(shared || "~/.cache", system), "huggingface");
}

/**
 * Return the folder of our own cache: LLM_SIZE_CACHE, else next to the folder of the Hugging Face tools, on every
 * system. Null for a user without a home folder.
 */
export function findCacheFolder(system: System): string | null {
  const own = system.env["LLM_SIZE_CACHE"]?.trim();
  if (own) return expandPath(own, system);
  const shared = system.env["XDG_CACHE_HOME"]?.trim();
  if (shared) return join(expandPath(shared, system), "llm-size");
  return system.home === null ? null : join(system.home, ".cache", "llm-size");
}

/** Return the user's home folder; null for a user without an entry in the system, as in a container. */
export function findHome(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}

/** Expand `~` and `$NAME` as huggingface_hub does; keep unknown names as typed. */
export function expandPath(path: string, { env, home }: System): string {
  return path
    .replace(/^~(?=[/\\]|$)/, (tilde) => home ?? tilde)
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (match, braced?: string, bare?: string) => env[braced ?? bare ?? ""] ?? match,
    );
}
