/** How the Hub is reached. */
import { LlmSizeError } from "../../errors.ts";
import { redact } from "../reference.ts";

export interface Settings {
  /** The Hub's origin, perhaps with a path, without a trailing slash. */
  readonly endpoint: string;
  /** The address of Ollama's registry, in the same form. */
  readonly registry: string;
  readonly token: string | null;
  readonly offline: boolean;
  /** The longest time that a request may receive no data. */
  readonly idleTimeoutMs: number;
  /** How long one model may take, waits and retries included. */
  readonly timeoutMs: number;
  /** Retries of a request for transient errors. */
  readonly retries: number;
}

export const DEFAULT_SETTINGS: Settings = {
  endpoint: "https://huggingface.co",
  registry: "https://registry.ollama.ai",
  token: null,
  offline: false,
  /** As in huggingface_hub (HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT). */
  idleTimeoutMs: 10_000,
  timeoutMs: 120_000,
  /** The number of retries in huggingface_hub. */
  retries: 4,
};

/** Parse the address of a Hub. Throws USAGE. */
export function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new LlmSizeError("USAGE", {
      message: `invalid endpoint "${redact(text)}": not an http or https URL`,
      hint: "pass a URL such as https://hub.example.com with --endpoint, HF_ENDPOINT or LLM_SIZE_OLLAMA_ENDPOINT",
    });
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Return a token that a header can hold, without white space; null for any other. */
export function cleanToken(value: string | undefined): string | null {
  const token = value?.replace(/\s/g, "") ?? "";
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : null;
}
