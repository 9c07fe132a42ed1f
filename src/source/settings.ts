/** Where the Hub is and how to speak to it, from flags and the environment variables that Hugging Face tools share. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { concealSecrets } from "./conceal.ts";
import { DEFAULT_RETRIES } from "./hub/retry.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** The Hub's origin and perhaps a path, without a trailing slash. */
  readonly endpoint: string;
  readonly token: string | null;
  readonly offline: boolean;
  /** How long the Hub may be silent before a try ends. */
  readonly silenceMs: number;
  /** How long one model may take, waits and further tries included. */
  readonly timeoutMs: number;
  /** Further tries of a request whose failure may pass. */
  readonly retries: number;
}

export interface SettingsFlags {
  readonly endpoint?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
}

const DEFAULT_ENDPOINT = "https://huggingface.co";

/** huggingface_hub waits as long (HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT). */
const DEFAULT_SILENCE_SECONDS = 10;
const DEFAULT_TIMEOUT_MS = 120_000;

export async function readSettings(env: Environment, flags: SettingsFlags = {}): Promise<Settings> {
  return {
    endpoint: parseEndpoint(flags.endpoint ?? (env["HF_ENDPOINT"]?.trim() || DEFAULT_ENDPOINT)),
    token: await readToken(env),
    offline: flags.offline ?? (isSet(env["HF_HUB_OFFLINE"]) || isSet(env["TRANSFORMERS_OFFLINE"])),
    silenceMs: 1000 * readSeconds(env["HF_HUB_DOWNLOAD_TIMEOUT"] ?? env["HF_HUB_ETAG_TIMEOUT"]),
    timeoutMs: flags.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retries: flags.retries ?? DEFAULT_RETRIES,
  };
}

/** True as huggingface_hub reads a boolean. */
export function isSet(value: string | undefined): boolean {
  return /^(?:1|on|yes|true)$/i.test(value?.trim() ?? "");
}

function readSeconds(value: string | undefined): number {
  const seconds = Number(value?.trim() || DEFAULT_SILENCE_SECONDS);
  return seconds > 0 && seconds <= 3600 ? seconds : DEFAULT_SILENCE_SECONDS;
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new LlmSizeError("USAGE", {
      message: `the endpoint "${concealSecrets(text)}" is not an http or https URL`,
      hint: "give it as https://hub.example.com with --endpoint or HF_ENDPOINT",
    });
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** The token of the environment, else of the file that `hf auth login` writes; null without one. */
async function readToken(env: Environment): Promise<string | null> {
  const given = cleanToken(env["HF_TOKEN"]) ?? cleanToken(env["HUGGING_FACE_HUB_TOKEN"]);
  if (given !== null) return given;
  if (isSet(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return null;
  const path = env["HF_TOKEN_PATH"] ? expandPath(env["HF_TOKEN_PATH"], env) : join(readHfHome(env), "token");
  try {
    return cleanToken(await readFile(path, "utf8"));
  } catch {
    return null; // no file, or not ours to read: an anonymous caller
  }
}

/** A header value can hold neither spaces nor line ends; an unusable token is none. */
function cleanToken(value: string | undefined): string | null {
  const token = value?.replace(/\s/g, "") ?? "";
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : null;
}

/** Where the Hub's own tools keep what they download. */
export function readHubCacheFolder(env: Environment): string {
  const own = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  return own ? expandPath(own, env) : join(readHfHome(env), "hub");
}

function readHfHome(env: Environment): string {
  if (env["HF_HOME"]) return expandPath(env["HF_HOME"], env);
  return join(expandPath(env["XDG_CACHE_HOME"] || "~/.cache", env), "huggingface");
}

/** Where `~` is; null for a user without an entry, as a container can have. */
export function findHome(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}

/** `~` and `$NAME`, as huggingface_hub expands them: what leads nowhere stays as it is. */
export function expandPath(path: string, env: Environment): string {
  return path
    .replace(/^~(?=[/\\]|$)/, (tilde) => findHome() ?? tilde)
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (match, braced?: string, bare?: string) => env[braced ?? bare ?? ""] ?? match,
    );
}
