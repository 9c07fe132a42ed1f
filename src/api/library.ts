/** The library everywhere: the options of every function, in Node.js and in a browser. */
import type { MemoryOptions } from "../memory/memory-options.ts";
import type { SchemeOptions } from "../quant/scheme.ts";
import type { OnFile } from "./read-model.ts";

/** How to get models. */
export interface RequestOptions {
  /** Branch, tag or commit for references without one. */
  readonly revision?: string;
  /** Time limit per model in milliseconds, waits and retries included (default: 120,000). */
  readonly timeoutMs?: number;
  /** Retries for transient errors (default: 4). */
  readonly retries?: number;
  /** Stops the work when aborted; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called when the headers of a weight file become known or were read. */
  readonly onProgress?: (progress: Progress) => void;
  /** A fetch to use instead of the built-in client. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Weight files of all models so far. */
export interface Progress {
  /** Files whose headers were read. */
  readonly read: number;
  /** Files known so far; grows as models are opened. */
  readonly known: number;
}

/** Which figures to compute. */
export interface SizeOptions {
  /** Levels and schemes to size, such as `int4` and `gguf:Q4_K_M` (default: the four levels). */
  readonly quantizations?: readonly string[];
  /** Choices of publishers that change the size of a scheme's files. */
  readonly scheme?: SchemeOptions;
  /** Plan the memory of each model, by default for 4,096 tokens in bf16. */
  readonly memory?: Partial<MemoryOptions>;
  /** Also measure the base model of an adapter (default: true). */
  readonly base?: boolean;
}

/** Return a listener that counts the files of all models. */
export function countProgress(onProgress: RequestOptions["onProgress"]): OnFile {
  const progress = { read: 0, known: 0 };
  return (step) => {
    progress[step]++;
    onProgress?.({ ...progress });
  };
}
