import type { Verdict } from "../../src/contract/types.ts";

/** Gemma 2B at int4, within its budget; with what a test changes of it. */
export function verdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    reference: "gemma-2b",
    rule: "maxSize",
    quantization: "int4",
    limit: 1_500_000_000,
    actual: 1_409_830_912,
    outcome: "passed",
    basis: "computed",
    lockedBytes: null,
    reason: null,
    why: null,
    conditions: null,
    places: [],
    limitPlace: null,
    ...changes,
  };
}

/** One of each outcome, with text that would break any format. */
export const HOSTILE = `]]></failure><x a="b" c='d'>&amp; | \`z\` %0A::error title=a,b::c\r\n\u0000\u001b[31m\ud800\uffff`;

export const VERDICTS: readonly Verdict[] = [
  verdict(),
  verdict({
    reference: "Qwen/Qwen3-32B",
    limit: 16e9,
    actual: 18.4e9,
    outcome: "exceeded",
    why: "one GPU",
    limitPlace: { path: "web/llm-size.config.json", line: 7 },
  }),
  verdict({
    reference: "acme/x",
    rule: "maxActive",
    quantization: null,
    limit: 3e9,
    actual: null,
    basis: null,
    outcome: "unknown",
    reason: "acme/x is gated",
  }),
];
