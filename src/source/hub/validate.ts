/** Checks of answers with files: anything may answer 200, and a sign-in page taken for a config would be cached. */
import { isUtf8 } from "node:buffer";
import type { HubAnswer } from "./request.ts";

/** Return what is wrong with the text of a file of `fileBytes` bytes, null where its size is not listed. */
export function validateText({ headers, body }: HubAnswer, fileBytes: number | null): string | null {
  if (isWebPage(headers)) return "it is a web page";
  if (fileBytes !== null && body.length !== fileBytes) return `it has ${body.length} bytes, not ${fileBytes}`;
  return isUtf8(body) ? null : "it is not text";
}

/** Return what is wrong with bytes [begin, end) of a file; the caller handles a range that the server ignored. */
export function validateRange(
  { status, headers, body }: HubAnswer,
  { begin, end }: { readonly begin: number; readonly end: number },
  fileBytes: number,
): string | null {
  if (isWebPage(headers)) return "it is a web page";
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
