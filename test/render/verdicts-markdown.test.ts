import { expect, test } from "vitest";
import { formatRule, renderVerdictsMarkdown } from "../../src/render/verdicts-markdown.ts";
import { HOSTILE, verdict, VERDICTS } from "./verdict.ts";

test("a tally, and a table with the worst first", () => {
  expect(renderVerdictsMarkdown(VERDICTS, "si")).toMatchInlineSnapshot(`
    "3 limits: 1 passed, 1 exceeded, 1 unknown

    | Verdict | Model | Rule | Limit | Actual | Over by | Why |
    | --- | --- | --- | ---: | ---: | ---: | --- |
    | exceeded | Qwen/Qwen3-32B | maxSize at int4 | 16 GB | 18.4 GB | 2.40 GB | one GPU |
    | unknown | acme/x | maxActive | 3B | ? |  | acme/x is gated |
    | passed | gemma-2b | maxSize at int4 | 1.50 GB | 1.41 GB |  |  |"
  `);
});

test("nothing judged, nothing said", () => {
  expect(renderVerdictsMarkdown([], "si")).toBe("");
});

test("text of strangers stays in its cell", () => {
  const text = renderVerdictsMarkdown([verdict({ reference: HOSTILE, why: HOSTILE })], "si");
  const row = text.split("\n").at(-1) ?? "";
  expect(text.split("\n")).toHaveLength(5);
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(8);
  expect(row).not.toMatch(/(?<!\\)[<>`]/);
});

test("a rule of memory or time says what it is judged for", () => {
  const nothing = {
    context: null,
    batch: null,
    kvDtype: null,
    layout: null,
    device: null,
    recommendedBytes: null,
  };
  const memory = {
    context: 8192,
    batch: 1,
    kvDtype: "fp8",
    layout: "optimized",
    bitsPerSecond: null,
  } as const;
  expect(formatRule(verdict({ rule: "maxMemory", conditions: { ...nothing, ...memory } }))).toBe(
    "maxMemory at int4 at 8192 tokens in fp8",
  );
  const time = verdict({ rule: "maxDownloadTime", conditions: { ...nothing, bitsPerSecond: 5e7 } });
  expect(formatRule(time)).toBe("maxDownloadTime at int4 at 50 Mbps");
  expect(formatRule(verdict())).toBe("maxSize at int4");
});
