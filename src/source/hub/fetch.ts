/** The part of fetch that we use; node's own fits. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
}

export interface FetchResponse {
  readonly status: number;
  /** Where redirects ended that the fetch has followed itself. */
  readonly url?: string;
  readonly headers: { get(name: string): string | null };
  readonly body: FetchBody | null;
}

export type FetchBody = AsyncIterable<Uint8Array<ArrayBuffer>> & {
  /** Close the connection. */
  cancel(): Promise<void>;
};
