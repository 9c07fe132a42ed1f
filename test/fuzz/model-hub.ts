/** A Hub in memory: the requests of one model, answered without a network. */
import type { Fetch, FetchResponse } from "../../src/source/hub/fetch.ts";
import { connectSources } from "../../src/source/connect.ts";
import type { Sources } from "../../src/source/sources.ts";
import { bytesOf, windowOf, type ByteSource } from "../hub/bytes.ts";

export interface ListedFile {
  readonly path: unknown;
  readonly size: unknown;
  readonly source: ByteSource;
}

const ENDPOINT = "https://hub.example";
const ID = "acme/model";
const COMMIT = "a".repeat(40);
/** A file may claim to have gigabytes. */
const PIECE_BYTES = 1_000_000;
const INFO = { _id: "1", id: ID, sha: COMMIT, lastModified: "2024-01-01T00:00:00.000Z" };

/** Return sources whose Hub has one model, `acme/model`, and the number of bytes that were read of it. */
export async function connectModel(files: readonly ListedFile[], info: object = {}) {
  let bytesRead = 0;
  const fetch: Fetch = async (address, { headers }) =>
    findAnswer(new URL(address).pathname, headers["range"]);
  const sources: Sources = await connectSources({
    system: { env: { HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }, cwd: "/nonexistent", home: null },
    flags: { endpoint: ENDPOINT, retries: 0 },
    fetch,
    useCache: false,
  });
  return { sources, reference: ID, countBytes: () => bytesRead };

  function findAnswer(pathname: string, range: string | undefined): FetchResponse {
    if (pathname.startsWith(`/api/models/${ID}/tree/`))
      return answerJson(files.map(({ path, size }) => ({ type: "file", oid: "x", path, size })));
    if (pathname.startsWith(`/api/models/${ID}`)) return answerJson({ ...INFO, ...info });
    const path = decodeURIComponent(pathname.slice(`/${ID}/resolve/${COMMIT}/`.length));
    const file = files.find((listed) => listed.path === path);
    if (!file) return answerWith(404, bytesOf(""), { "x-error-code": "EntryNotFound" });
    const [, begin = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? []).map(Number);
    const { source } = file;
    if (range === undefined) return answerWith(200, source, {});
    const end = Math.min(last + 1, source.size);
    return answerWith(206, windowOf(source, begin, end), {
      "content-range": `bytes ${begin}-${end - 1}/${source.size}`,
    });
  }

  function answerJson(value: unknown): FetchResponse {
    return answerWith(200, bytesOf(JSON.stringify(value)), { "content-type": "application/json" });
  }

  function answerWith(
    status: number,
    body: ByteSource,
    headers: Readonly<Record<string, string>>,
  ): FetchResponse {
    return {
      status,
      headers: { get: (name) => headers[name.toLowerCase()] ?? null },
      body: {
        async *[Symbol.asyncIterator]() {
          for (let at = 0; at < body.size; at += PIECE_BYTES) {
            const piece = body.slice(at, Math.min(body.size, at + PIECE_BYTES));
            bytesRead += piece.length;
            yield piece as Uint8Array<ArrayBuffer>;
          }
        },
        cancel: async () => {},
      },
    };
  }
}
