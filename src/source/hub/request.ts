/** What is asked of the Hub, and what it answers. */
import type { FetchResponse } from "./http-fetch.ts";

/** What a request is about, for the errors it may end in. */
export interface Subject {
  /** The model as the user would recognize it. */
  readonly model: string;
  readonly revision?: string | undefined;
  readonly path?: string | undefined;
}

export interface HubRequest {
  readonly subject: Subject;
  /** Bytes [begin, end) of a file; the whole of it when left out. */
  readonly range?: { readonly begin: number; readonly end: number };
  /** A longer answer is refused, and never pulled. */
  readonly maxBytes: number;
  /** Files may be served by another origin; nothing else may. */
  readonly allowForeignOrigin?: boolean;
  /** Where the first try may go instead: the address that served this file before. */
  readonly shortcut?: string | undefined;
  /** What is wrong with an answer, if anything: such an answer may be asked for again. */
  readonly findFlaw?: (answer: HubAnswer) => string | null;
}

export interface HubAnswer {
  /** Where the redirects ended. */
  readonly url: string;
  /** 200 or 206. */
  readonly status: number;
  readonly headers: FetchResponse["headers"];
  /** Empty when a range was asked and the server sends the whole file. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export function describeSubject({ model, path }: Subject): string {
  return path === undefined ? model : `${path} of ${model}`;
}
