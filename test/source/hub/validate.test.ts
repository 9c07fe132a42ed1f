import { expect, test } from "vitest";
import { validateId, validateRange, validateText } from "../../../src/source/hub/validate.ts";

const answer = (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200) => ({
  url: "https://hub.example/",
  status,
  headers: new Headers(headers),
  linkedHash: null,
  body: typeof body === "string" ? new TextEncoder().encode(body) : Uint8Array.from(body),
});

/** As git hash-object and sha256sum print them of `abc`. */
const BLOB = "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f";
const SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const OTHER = "its content is not the listed one";

test.each([
  ["the text itself", answer("abc"), { bytes: 3 }, null],
  ["a text that is not listed", answer("abc"), null, null],
  [
    "a web page",
    answer("abc", { "content-type": "text/html; charset=utf-8" }),
    { bytes: 3 },
    "it is a web page",
  ],
  ["a part", answer("ab"), { bytes: 3 }, "it has 2 bytes, not 3"],
  ["bytes", answer(Uint8Array.of(0xff)), { bytes: 1 }, "it is not text"],
  ["the git blob", answer("abc"), { bytes: 3, hash: BLOB }, null],
  ["the file of Git LFS", answer("abc"), { bytes: 3, hash: SHA256 }, null],
  ["another text", answer("abd"), { bytes: 3, hash: BLOB }, OTHER],
  ["another text of Git LFS", answer("abd"), { bytes: 3, hash: SHA256 }, OTHER],
])("%s", async (_, received, listed, problem) => {
  expect(await validateText(received, listed)).toBe(problem);
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
  expect(validateRange(received, { begin: 1, end: 4 }, { bytes: 9 })).toBe(problem);
});

test.each([
  ["the listed file", SHA256, SHA256, null],
  ["another file", SHA256.replace("b", "c"), SHA256, OTHER],
  ["a file that the Hub does not name", null, SHA256, null],
  ["a file whose listing has no hash", SHA256, undefined, null],
])("a redirect to %s", (_, linkedHash, hash, problem) => {
  const received = { ...range("bytes 1-3/9"), linkedHash };
  expect(validateRange(received, { begin: 1, end: 4 }, { bytes: 9, hash })).toBe(problem);
});

const OLD = "https://hub.example/hf/api/models/meta-llama/Meta-Llama-3.1-8B/revision/main";
const NEW = "https://hub.example/hf/api/models/meta-llama/Llama-3.1-8B/revision/main?blobs=true";

test.each([
  ["the requested id", "meta-llama/Meta-Llama-3.1-8B", OLD, true],
  ["the id in another case", "Meta-Llama/meta-llama-3.1-8b", OLD, true],
  ["the id of a redirect", "meta-llama/Llama-3.1-8B", NEW, true],
  ["another id without a redirect", "meta-llama/Llama-3.1-8B", OLD, false],
  ["another id than that of the redirect", "acme/Llama-3.1-8B", NEW, false],
  ["the name alone", "Meta-Llama-3.1-8B", OLD, false],
])("%s", (_, id, url, isValid) => {
  expect(validateId(id, "meta-llama/Meta-Llama-3.1-8B", { url }) === null).toBe(isValid);
});

test.each([
  ["gpt2", true],
  ["openai-community/gpt2", true],
  ["openai-community/gpt2-xl", false],
  ["gpt2/openai-community", false],
])("gpt2 without a redirect may be %s: %s", (id, isValid) => {
  const url = "https://hub.example/api/models/gpt2/revision/main";
  expect(validateId(id, "gpt2", { url }) === null).toBe(isValid);
});
