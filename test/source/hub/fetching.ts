/** What the tests of our own fetch share. */
import { expect } from "vitest";
import type { FetchInit, FetchResponse } from "../../../src/source/hub/fetch.ts";

export const ask = (init: Partial<FetchInit> = {}): FetchInit => ({
  headers: {},
  signal: new AbortController().signal,
  redirect: "manual",
  ...init,
});

export async function readText({ body }: FetchResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What a promise is rejected with. */
export async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("it was not rejected"),
    (error: unknown) => error,
  );
}

export const failedWith = (code: unknown) =>
  expect.objectContaining({
    name: "TypeError",
    message: "fetch failed",
    cause: expect.objectContaining({ code }) as unknown,
  }) as unknown;
