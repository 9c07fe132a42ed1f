import { type ByteSource, bytesOf, windowOf } from "./bytes.ts";
import { type StoredFile, hash } from "./stored-file.ts";

/** An answer before it is sent. A HEAD gets the same one without its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteSource;
  /** The stored file it is about. */
  readonly file?: StoredFile;
  /** All the bytes of which a range may have been asked. */
  readonly whole?: ByteSource;
}

const NO_BYTES = bytesOf("");

export function answerJson(value: unknown, headers: Record<string, string> = {}, status = 200): Answer {
  const text = JSON.stringify(value);
  return {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      ETag: `W/"${hash("sha1", text)}"`,
      ...headers,
    },
    body: bytesOf(text),
  };
}

export function answerText(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    body: bytesOf(text),
  };
}

export function answerRedirect(
  status: 302 | 307,
  location: string,
  headers: Record<string, string> = {},
): Answer {
  const reason = status === 302 ? "Found" : "Temporary Redirect";
  return answerText(status, `${reason}. Redirecting to ${location}`, { Location: location, ...headers });
}

/** The bytes, or the one range that was asked for. Several ranges or a malformed one get the whole, as RFC 9110 allows. */
export function answerBytes(
  content: ByteSource,
  range: string | undefined,
  headers: Record<string, string>,
): Answer {
  const asked = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/.exec(range ?? "");
  const always = { ...headers, "Accept-Ranges": "bytes" };
  if (asked === null) return { status: 200, headers: always, body: content, whole: content };
  const [, first, last, suffix] = asked;
  const start = first === undefined ? Math.max(0, content.size - Number(suffix)) : Number(first);
  const end = Math.min(last === undefined ? content.size : Number(last) + 1, content.size);
  const satisfiable = start < end;
  const span = satisfiable ? `${start}-${end - 1}` : "*";
  return {
    status: satisfiable ? 206 : 416,
    headers: { ...always, "Content-Range": `bytes ${span}/${content.size}` },
    body: satisfiable ? windowOf(content, start, end) : NO_BYTES,
    whole: content,
  };
}

/** 304 when the caller already holds this very answer. */
export function answerUnchanged(answer: Answer, ifNoneMatch: string | undefined): Answer {
  const etag = answer.headers["ETag"];
  if (answer.status !== 200 || etag === undefined || etag !== ifNoneMatch) return answer;
  return { ...answer, status: 304, body: NO_BYTES };
}
