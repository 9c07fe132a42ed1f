import { expect, test } from "vitest";
import { validateRange, validateText } from "../../../src/source/hub/validate.ts";

const answer = (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200) => ({
  url: "https://hub.example/",
  status,
  headers: new Headers(headers),
  body: typeof body === "string" ? new TextEncoder().encode(body) : Uint8Array.from(body),
});

test.each([
  ["the text itself", answer("abc"), 3, null],
  ["a text of unlisted size", answer("abc"), null, null],
  ["a web page", answer("abc", { "content-type": "text/html; charset=utf-8" }), 3, "it is a web page"],
  ["a part", answer("ab"), 3, "it has 2 bytes, not 3"],
  ["bytes", answer(Uint8Array.of(0xff)), 1, "it is not text"],
])("%s", (_, received, bytes, problem) => {
  expect(validateText(received, bytes)).toBe(problem);
});

const range = (contentRange: string, body = "bcd", headers = {}) =>
  answer(body, { "content-range": contentRange, ...headers }, 206);

test.each([
  ["the range", range("bytes 1-3/9"), null],
  ["another range", range("bytes 0-2/9"), "its range is bytes 0-2/9, not bytes 1-3/9"],
  ["a range of another file", range("bytes 1-3/8"), "its range is bytes 1-3/8, not bytes 1-3/9"],
  ["a range that is not stated", answer("bcd", {}, 206), "its range is missing, not bytes 1-3/9"],
  ["a short range", range("bytes 1-3/9", "bc"), "it has 2 bytes, not 3"],
  ["the whole file, for the caller to judge", answer("", { "content-length": "9" }), null],
  ["something else", answer("", { "content-length": "8" }), "it has 8 bytes and is not the file"],
  ["a web page", answer("bcd", { "content-type": "text/html" }, 206), "it is a web page"],
])("%s", (_, received, problem) => {
  expect(validateRange(received, { begin: 1, end: 4 }, 9)).toBe(problem);
});
