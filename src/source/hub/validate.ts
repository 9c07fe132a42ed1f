/** Checks of answers: anything may answer 200, and a sign-in page taken for a config would be cached. */
import { concatBytes } from "../streams.ts";
import type { RepositoryFile } from "../repository.ts";
import type { HubAnswer } from "./request.ts";

type Listed = Pick<RepositoryFile, "bytes" | "hash">;

const OTHER_CONTENT = "its content is not the listed one";

/**
 * Return what is wrong with the id in an answer. It is the requested one in any case of its letters, the one that the Hub
 * redirected to (openai-community/gpt2 for gpt2), or that name in an organization where a mirror follows redirects itself.
 */
export function validateId(id: string, requested: string, { url }: Pick<HubAnswer, "url">): string | null {
  const [answered, asked] = [id.toLowerCase(), requested.toLowerCase()];
  const target = /\/api\/models\/(.+)\/revision\//.exec(new URL(url).pathname)?.[1]?.toLowerCase();
  const isName = !asked.includes("/") && answered.endsWith(`/${asked}`);
  return answered === asked || answered === target || isName
    ? null
    : `it is of ${id}, without a redirect to it`;
}

/** Return what is wrong with the text of a file, of which nothing is known where it is not listed. */
export async function validateText(
  { headers, body }: Pick<HubAnswer, "headers" | "body">,
  listed: Listed | null,
): Promise<string | null> {
  if (isWebPage(headers)) return "it is a web page";
  if (listed !== null && body.length !== listed.bytes)
    return `it has ${body.length} bytes, not ${listed.bytes}`;
  if (!isUtf8(body)) return "it is not text";
  const hash = listed?.hash === undefined ? undefined : await hashOf(body, listed.hash);
  return hash === undefined || hash === listed?.hash ? null : OTHER_CONTENT;
}

function isUtf8(body: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/**
 * Hash the content of a file as its listed hash was made: as a git blob, or for Git LFS with SHA-256. Undefined in a page
 * that was itself opened without encryption: browsers do not hash there.
 */
async function hashOf(body: Uint8Array<ArrayBuffer>, { length }: string): Promise<string | undefined> {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  const header = new TextEncoder().encode(`blob ${body.length}\0`);
  const digest = await (length === 64
    ? subtle?.digest("SHA-256", body)
    : subtle?.digest("SHA-1", concatBytes([header, body])));
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return what is wrong with bytes [begin, end) of a file; the caller handles a range that the server ignored. */
export function validateRange(
  { status, headers, body, linkedHash }: HubAnswer,
  { begin, end }: { readonly begin: number; readonly end: number },
  { bytes: fileBytes, hash }: Listed,
): string | null {
  if (isWebPage(headers)) return "it is a web page";
  if (hash !== undefined && linkedHash !== null && linkedHash !== hash) return OTHER_CONTENT;
  if (end - begin < fileBytes) {
    const length = headers.get("content-length") ?? String(fileBytes);
    if (status === 200)
      return length === String(fileBytes) ? null : `it has ${length} bytes and is not the file`;
    const [range, expected] = [headers.get("content-range"), `bytes ${begin}-${end - 1}/${fileBytes}`];
    if (range !== expected) return `its range is ${range ?? "missing"}, not ${expected}`;
  }
  return body.length === end - begin ? null : `it has ${body.length} bytes, not ${end - begin}`;
}

function isWebPage(headers: HubAnswer["headers"]): boolean {
  return /^text\/html\b/.test(headers.get("content-type") ?? "");
}
